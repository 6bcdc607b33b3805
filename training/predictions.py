"""What a model says of every image of a split, computed once and kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.artifacts import Artifact
from core.cards import Card
from core.labels import FER7, FERPLUS8
from training.datasets import SPLITS, Dataset, dataset_hash
from training.features import compute, features_of
from training.majority import majority

CACHE = Path("runs/predictions")

TRUTHS: dict[str, Callable[[Dataset], np.ndarray]] = {
    FER7.name: lambda rows: rows.labels,
    FERPLUS8.name: lambda rows: majority(rows.votes),
}
"""By label set, what counts as right: int (n,), -1 for an image without a truth."""


@dataclass(frozen=True)
class Predictions:
    """Answers of one model to one split, in the order of the dataset file.

    Attributes:
        truth: By label set, int (n,); -1 where an image has none.
        probabilities: By label set, float32 (n, labels), calibrated; a row of NaN is a face that was not found.
        copies: By other split of the file, bool (n,): the images whose pixels also stand there.
    """

    truth: dict[str, np.ndarray]
    probabilities: dict[str, np.ndarray]
    copies: dict[str, np.ndarray]

    def correct(self, label_set: str) -> np.ndarray:
        """Bool (n,): which images were answered rightly; a face that was not found was not."""
        probabilities = self.probabilities[label_set]
        found = ~np.isnan(probabilities).any(axis=1)
        return found & (np.nan_to_num(probabilities).argmax(axis=1) == self.truth[label_set])


def predict(artifact: Artifact, dataset: Path, split: str, cache: Path | None = None) -> Predictions:
    """Run a model as it is served over one split of a dataset file, or fetch what it said the last time.

    Args:
        artifact: The model.
        dataset: File that `training import` wrote.
        split: One of `SPLITS`.
        cache: Folder for the answers; `CACHE` if not given. A file there is named by model, calibration, dataset
            content and split, so it never goes stale; a damaged one is made anew.

    Raises:
        DatasetError: the dataset cannot be used, or has no such split.
    """
    rows = Dataset.load(dataset, (split,))
    path = (cache or CACHE) / f"{_key(artifact.card)}-{dataset_hash(dataset)[:16]}-{split}.npz"
    probabilities = _load(path)
    if probabilities is None:
        probabilities = _answers(artifact, *features_of(artifact.feature, dataset, (split,)))
        _save(probabilities, path)
    return Predictions(
        truth={name: TRUTHS[name](rows) for name in artifact.card.outputs},
        probabilities=probabilities,
        copies={other: rows.hashes_in(dataset, other) for other in SPLITS if other != split},
    )


def answers(artifact: Artifact, rows: Dataset) -> dict[str, np.ndarray]:
    """By label set, a model's calibrated probabilities for some images, float32 (n, labels); NaN where no face is."""
    return _answers(artifact, rows, *compute(artifact.feature, rows))


def _answers(artifact: Artifact, rows: Dataset, features: np.ndarray, seen: np.ndarray) -> dict[str, np.ndarray]:
    given = artifact.predict(features) if seen.any() else {}
    probabilities = {}
    for name, output in artifact.card.outputs.items():
        probabilities[name] = np.full((len(rows), len(output.labels)), np.nan, np.float32)
        if seen.any():
            probabilities[name][seen] = np.exp(given[name])
    return probabilities


def _key(card: Card) -> str:
    """Names everything about a model that its answers depend on."""
    outputs = {name: asdict(output) for name, output in card.outputs.items()}
    told = json.dumps([dict(card.files), dict(card.feature), outputs], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _load(path: Path) -> dict[str, np.ndarray] | None:
    with suppress(OSError, ValueError, EOFError, zipfile.BadZipFile), np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)
    return None


def _save(probabilities: dict[str, np.ndarray], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.{os.getpid()}.npz")
    try:
        np.savez_compressed(partial, **probabilities)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
