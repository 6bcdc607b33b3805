"""A Keras file from elsewhere -> an installed model, calibrated and served like any other."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.cards import CARD_FILE, Card, Output, file_entry
from core.errors import ModelError
from core.features import FEATURES, Feature
from core.labels import FER7
from training.datasets import Dataset
from training.errors import TrainingError
from training.evaluation.calibration import fit_temperature
from training.export import export_keras
from training.export.formats import logits as logits_of
from training.export.parity import stand_in
from training.export.staging import draft_card
from training.features.cached import compute
from training.workflows.install import UNSURE_BELOW, add_reports
from training.workflows.wrap_keras import IGNORED, load_foreign, parse_input, parse_labels, wrap

RECIPE = "adopted"
"""Recipe in the card, which is none of the registry: nothing here can make the model again."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LIBRARIES = ("keras", "tensorflow", "ai-edge-litert", "numpy")


def adopt(
    file: Path,
    out: Path,
    *,
    labels: str,
    given: str,
    dataset: Path | None = None,
    quantize: str = "float16",
    command: str = "",
    say: Callable[[str], None] = print,
) -> Card:
    """Install a `.keras` or `.h5` model from elsewhere.

    Args:
        file: The model, as Keras 3 or Keras 2 saved it.
        out: The model folder to write.
        labels: Labels of the model's answers, in their order, in the form that `parse_labels` reads.
        given: Size, colours and range of its input, in the form that `parse_input` reads.
        dataset: File that `training import` wrote: PublicTest without copies gives the temperature, and the model is
            measured on PublicTest. Without a dataset the temperature is 1.
        quantize: Format of the exported numbers, "float16" or "int8".
        command: Command line that installs the model again, for the card.
        say: Receives progress in words.

    Raises:
        TrainingError: The file holds code or does not fit `labels` or `given`, or `out` is another model's.
        DatasetError: The dataset cannot be used.
    """
    positions, size = parse_labels(labels), parse_input(given)
    _check_free(out)
    feature = FEATURES["pixels"]
    model = wrap(load_foreign(file), size, positions, file)
    features, y_true = _choice(feature, dataset) if dataset else (stand_in(feature), None)
    temperature = 1.0
    if y_true is not None:
        temperature = _temperature(logits_of(model, features)[FER7.name], y_true, positions)
    source = {"name": file.name} | file_entry(file)
    card = draft_card(
        out,
        libraries=_LIBRARIES,
        recipe=RECIPE,
        summary=f"A model from elsewhere ({file.name}), adopted as it is.",
        feature={"name": feature.name, "version": feature.version},
        outputs={FER7.name: Output(FER7.labels, f"unknown, as {file.name} does not tell", temperature, UNSURE_BELOW)},
        data={"source": source, "input": given, "labels": _spelt(positions)}
        | ({"calibrated_on": dataset.name, "choice_images": len(features)} if dataset else {}),
        command=command,
    )
    card = export_keras(model, features, card, out, quantize, store_weights=False)
    say(f"adopted as {out}")
    if missing := [label for place, label in enumerate(FER7.labels) if place not in positions]:
        say(f"it never answers {', '.join(missing)}: its labels do not name that")
    if dataset:
        card = add_reports(out, dataset)
        say(f"PublicTest accuracy {card.metrics['public_test']['accuracy']:.2%}, temperature {temperature:.3f}")
    return card


def _check_free(out: Path) -> None:
    if not _NAME.fullmatch(out.name):
        raise TrainingError(f"--name {out.name}: give letters, digits, dots, dashes and underscores, 64 at most")
    if not (out / CARD_FILE).exists():
        return
    try:
        recipe = Card.load(out).recipe
    except ModelError:
        recipe = None
    if recipe != RECIPE:
        raise TrainingError(f"--name {out.name}: a model that was trained here has that name; give another")


def _choice(feature: Feature, dataset: Path) -> tuple[np.ndarray, np.ndarray]:
    """PublicTest without its copies of Training and of PrivateTest, through the feature; and its labels."""
    rows = Dataset.load(dataset, ("public-test",))
    rows = rows[rows.found & ~rows.is_copy(dataset)]
    if not len(rows):
        raise TrainingError(f"{dataset}: PublicTest has no image that is no copy, so there is nothing to calibrate on")
    features, seen = compute(feature, rows)
    return features, rows.labels[seen]


def _temperature(logits: np.ndarray, y_true: np.ndarray, positions: list[int | None]) -> float:
    """Fit the temperature on images whose expression the model can answer: no temperature helps with the others."""
    known = np.array(sorted(position for position in positions if position is not None))
    rows = np.isin(y_true, known)
    if not rows.any():
        return 1.0
    return round(fit_temperature(logits[rows][:, known], np.searchsorted(known, y_true[rows])), 4)


def _spelt(positions: list[int | None]) -> list[str]:
    return [IGNORED if position is None else FER7.labels[position] for position in positions]
