"""A file with a model from elsewhere -> an installed model, calibrated and served like any other."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from core.cards import CARD_FILE, Card, Output, dataset_title, file_entry, split_title
from core.errors import ModelError
from core.features import FEATURES, Feature
from core.inference.adopted import ADOPTION_FILE, IGNORED, Adoption
from core.labels import FER7
from training.adoption.descriptions import parse_input, parse_labels
from training.adoption.keras_files import load_foreign, wrap
from training.adoption.network_files import KERAS, kind_of, load_network
from training.datasets import Dataset
from training.errors import TrainingError
from training.evaluation.calibration import fit_temperature
from training.export import export_keras
from training.export.formats import logits as logits_of
from training.export.parity import stand_in
from training.export.staging import draft_card, write_folder
from training.features.cached import compute
from training.workflows.install import UNSURE_BELOW, add_reports

RECIPE = "adopted"
"""Recipe in the card, which is none of the registry: nothing here can make the model again."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LIBRARIES: Mapping[str, tuple[str, ...]] = {
    KERAS: ("keras", "tensorflow", "ai-edge-litert", "numpy"),
    ".onnx": ("onnxruntime", "numpy"),
    ".tflite": ("ai-edge-litert", "numpy"),
}
"""Packages that matter to a model, by the kind of its file."""


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
    """Install a model from elsewhere: a file of Keras, ONNX or TFLite.

    Args:
        file: The model. A file of Keras 2 or 3 is exported to LiteRT with all that its pictures need; the others stay
            as they are.
        out: The model folder to write.
        labels: Labels of the model's answers, in their order, in the form that `parse_labels` reads.
        given: Size, colours and range of its input, in the form that `parse_input` reads.
        dataset: File that `training import` wrote: public-test without copies gives the temperature, and the model is
            measured on public-test. Without a dataset the temperature is 1.
        quantize: Format of the numbers that a file of Keras is exported with, "float16" or "int8".
        command: Command line that installs the model again, for the card.
        say: Receives progress in words.

    Raises:
        TrainingError: The file holds code or does not fit `labels` or `given`, or `out` is another model's.
        ModelError: The file is not a valid one of ONNX or TFLite, or what runs it is not installed.
        DatasetError: The dataset cannot be used.
    """
    names, form = parse_labels(labels), parse_input(given)
    _check_free(out)
    kind, feature = kind_of(file), FEATURES["pixels"]
    if kind == KERAS:
        model = wrap(load_foreign(file), form, names, file)
        answer = partial(logits_of, model)
    else:
        answer, adoption = load_network(file, kind, form, names)
    features, y_true = _choice(feature, dataset) if dataset else (stand_in(feature), None)
    temperature = 1.0 if y_true is None else _temperature(answer(features)[FER7.name], y_true, names)
    card = draft_card(
        out,
        libraries=_LIBRARIES[kind],
        recipe=RECIPE,
        summary=f"A model from elsewhere ({file.name}), adopted as it is.",
        feature={"name": feature.name, "version": feature.version},
        outputs={FER7.name: Output(FER7.labels, f"unknown, as {file.name} does not tell", temperature, UNSURE_BELOW)},
        data={"source": {"name": file.name} | file_entry(file), "input": given, "labels": list(names)}
        | ({"calibrated_on": dataset.name, "choice_images": len(features)} if dataset else {}),
        command=command,
    )
    if kind == KERAS:
        card = export_keras(model, features, card, out, quantize, store_weights=False)
    else:
        card = write_folder(card, out, partial(_fill, file, adoption))
    say(f"adopted as {out}")
    if missing := [label for label in FER7.labels if label not in names]:
        say(f"it never answers {', '.join(missing)}: its labels do not name that")
    if dataset:
        card = add_reports(out, dataset)
        part = split_title("public-test", dataset_title(dataset.name))
        say(f"{part} accuracy {card.metrics['public_test']['accuracy']:.2%}, temperature {temperature:.3f}")
    return card


def _fill(file: Path, adoption: Adoption, folder: Path) -> tuple[list[str], dict]:
    shutil.copyfile(file, folder / adoption.file)
    (folder / ADOPTION_FILE).write_text(adoption.as_json(), encoding="utf-8")
    return [ADOPTION_FILE, adoption.file], {"weights": "as they were"}


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
    """The images of public-test that are in no other split, through the feature; and their labels."""
    rows = Dataset.load(dataset, ("public-test",))
    rows = rows[rows.found & ~rows.is_copy(dataset)]
    if not len(rows):
        raise TrainingError(f"{dataset}: public-test has no image that is no copy, so there is nothing to calibrate on")
    features, seen = compute(feature, rows)
    return features, rows.labels[seen]


def _temperature(logits: np.ndarray, y_true: np.ndarray, labels: Sequence[str]) -> float:
    """Fit the temperature on images whose expression the model can answer: no temperature helps with the others."""
    known = np.array(sorted(FER7.index(label) for label in labels if label != IGNORED))
    rows = np.isin(y_true, known)
    if not rows.any():
        return 1.0
    return round(fit_temperature(logits[rows][:, known], np.searchsorted(known, y_true[rows])), 4)
