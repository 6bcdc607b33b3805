"""Facts: what the engine in the browser takes over from this one, so that every number is written down once.

`engine/mien.json` holds the constants and label sets, and is bundled with the scripts; `python -m webapp.browser.facts`
writes it. What belongs to a model (labels, temperatures, priors and bars) comes from its card and is served beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core import corrections
from core.cards import Card
from core.faces import alignment, close_ups, detector, finder, tiles
from core.faces.detector import FaceNetwork
from core.labels import LABEL_SETS
from core.output import provenance, table
from core.runtime.files import write_whole
from core.streams import baselines, session, smoothing, tracking

FILE = Path(__file__).with_name("engine") / "mien.json"

_SHARED: Mapping[str, tuple[ModuleType, str]] = {
    "corrections": (corrections, "BASELINE_S NEUTRAL UNSURE_BELOW _FLOOR"),
    "faces/alignment": (alignment, "SIDE EYES_AND_MOUTH"),
    "faces/close_ups": (close_ups, "FIRST THREE _ROUGHLY _CLEARLY"),
    "faces/detector": (detector, "SHORT_RANGE _SAME _FLAT"),
    "faces/finder": (
        finder,
        "LIKELY_BAR QUICK_BAR FOLLOW_BAR NEW_BAR MOST_FACES _SAME _SIDE_STEP _PLACES _TURN_STEP",
    ),
    "faces/tiles": (tiles, "SMALLEST TILES_A_ROUND _LARGEST _OVERLAP"),
    "output/table": (table, "COLUMNS RAW_COLUMNS UNSURE"),
    "streams/baselines": (baselines, "_FORGET_S"),
    "streams/session": (session, "SEARCH_EVERY_S"),
    "streams/smoothing": (smoothing, "MARGIN NARROW_MARGIN AHEAD_S UNSURE_MARGIN"),
    "streams/tracking": (
        tracking,
        "HIDDEN_S PAUSE_S _SIDE _LIGHTNESS_BINS _COLOUR_BINS _MEAN_LIGHTNESS _NEAR _SPEED _FAR _ELSEWHERE _RESIZE "
        "_UNLIKE _UNLIKE_LATER _LATER_S _CALM _VELOCITY_S _COASTING_S _APPEARANCE_S",
    ),
}
"""The constants that the engine in the browser has too, by the path of the module there that uses them."""


def constants() -> dict[str, Any]:
    """The constants and label sets of this engine, as plain JSON types; names lose a leading underscore."""
    shared = {
        path: {name.lstrip("_"): _plain(getattr(module, name)) for name in names.split()}
        for path, (module, names) in _SHARED.items()
    }
    sets = {
        name: {"labels": list(labels.labels), "colours": dict(labels.colours)} for name, labels in LABEL_SETS.items()
    }
    return shared | {"labels": sets}


def text() -> str:
    """What `FILE` must hold."""
    return json.dumps(constants(), indent=2, sort_keys=True) + "\n"


def of_model(card: Card) -> dict[str, Any]:
    """What the browser must know of a model to answer as this engine does.

    Args:
        card: Card of a model that reads the grey crop.
    """
    outputs = {
        name: {
            "labels": list(output.labels),
            "taught": list(card.taught(name)),
            "temperature": output.temperature,
            "unsureBelow": output.unsure_below,
        }
        for name, output in card.outputs.items()
    }
    return {
        "name": card.name,
        "sha256": card.main_sha256,
        "mien": provenance.version(),
        "outputs": outputs,
        "priors": card.data.get("priors", {}),
    }


def _plain(value: Any) -> Any:
    """A constant as plain JSON types."""
    if isinstance(value, FaceNetwork):  # all but where its file comes from
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name != "asset"}
    if is_dataclass(value):
        return asdict(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


if __name__ == "__main__":
    write_whole(FILE, text().encode())
