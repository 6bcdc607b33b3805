"""What `export` does: an installed model, rebuilt, written, compared, and told about."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from core.cards import Card
from core.features import FEATURES
from training.datasets import Dataset
from training.errors import TrainingError
from training.export.files import export_file, known_format
from training.export.source import rebuild
from training.export.stand_in import stand_in
from training.features import compute
from training.tables import replacing

_EXAMPLES = 512


def export_installed(
    folder: Path,
    kind: str,
    out: Path,
    *,
    run: Path | None = None,
    dataset: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Write the model of a folder as one file and, beside it, `NAME.labels.json`.

    Args:
        folder: Of an installed model.
        kind: One of `FORMATS`.
        out: The file to write.
        run: Folder of the run to take the best weights from, where the model folder keeps none.
        dataset: File that `training import` wrote: model and file are compared on 512 faces of its PublicTest instead
            of on made-up ones.
        say: Takes in words what was written and how far it is off.

    Raises:
        ModelError: the model folder is damaged.
        TrainingError: as `rebuild` and `export_file` raise it.
        DatasetError: the dataset cannot be used.
    """
    known_format(kind, out)
    card = Card.load(folder)
    feature = FEATURES[card.feature["name"]]
    if dataset:
        rows = Dataset.load(dataset, ("public-test",))
        features, _ = compute(feature, rows[rows.found][:_EXAMPLES])
    else:
        features = stand_in(feature)
    parity = export_file(rebuild(folder, run), card, kind, out, features)
    note = out.with_name(f"{out.stem}.labels.json")
    try:
        with replacing(note) as partial:
            partial.write_text(json.dumps(_note(card), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise TrainingError(f"{note}: cannot be written ({error.strerror or error}); choose another --out") from None
    say(f"{out}: {out.stat().st_size / 1e6:.1f} MB; {parity}{'' if dataset else ' (made-up ones; give --data)'}")
    say(f"takes {feature.dtype} {(None, *feature.shape)}: the feature {feature.name!r}")
    for name, output in card.outputs.items():
        say(f"gives logits {name!r} of {', '.join(output.labels)}; temperature {output.temperature:g}")


def _note(card: Card) -> dict:
    return {
        "model": card.name,
        "feature": dict(card.feature),
        "outputs": {
            name: {"labels": list(output.labels), "temperature": output.temperature}
            for name, output in card.outputs.items()
        },
    }
