"""What a model says of every image of a split, computed once and kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.cards import Card
from core.inference.artifact import Artifact
from core.labels import FER7, FERPLUS8, is_answered
from training.datasets import Dataset, dataset_hash
from training.features.cached import compute, features_of
from training.features.extract import Progress
from training.files import kept


def majority(votes: np.ndarray) -> np.ndarray:
    """Index into `FERPLUS8` for each image, int64 (n,); -1 where there is no such label.

    As Barsoum et al. (2016) count in their published code: single votes are dropped as outliers, then more than half
    of the rest must agree. Images without votes, and those that most people called unknown or not a face, have none.

    Args:
        votes: (n, 10), in the order of `VOTE_COLUMNS`.
    """
    counted = np.where(votes > 1, votes, 0).astype(np.int64)
    labels = counted.argmax(axis=1)
    agreed = 2 * counted.max(axis=1) > counted.sum(axis=1)
    return np.where(agreed & (labels < len(FERPLUS8)), labels, -1)


CACHE = Path("runs/predictions")

_IMAGES_A_STEP = 512

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

    @property
    def is_copy(self) -> np.ndarray:
        """Bool (n,): the images whose pixels are also in any other split."""
        return np.any(list(self.copies.values()), axis=0)

    def correct(self, label_set: str) -> np.ndarray:
        """Bool (n,): which images were answered rightly; a face that was not found was not."""
        probabilities = self.probabilities[label_set]
        found = is_answered(probabilities)
        return found & (np.nan_to_num(probabilities).argmax(axis=1) == self.truth[label_set])


def predict(
    artifact: Artifact,
    dataset: Path,
    split: str,
    cache: Path | None = None,
    progress: Progress = lambda done, total: None,
) -> Predictions:
    """Run a model as it is served over one split of a dataset file, or fetch what it said the last time.

    Args:
        artifact: The model.
        dataset: File that `training import` wrote.
        split: One of `SPLITS`.
        cache: Folder for the answers; `CACHE` if not given. A file there is named by model, calibration, dataset
            content and split.
        progress: Called with the images answered and all that there are; before that, where the feature takes long,
            with those that it has seen.

    Raises:
        DatasetError: the dataset cannot be used, or has no such split.
        TrainingError: the answers cannot be kept.
    """
    rows = Dataset.load(dataset, (split,))
    path = kept_path(artifact.card, dataset_hash(dataset), split, cache)
    return Predictions(
        truth={name: TRUTHS[name](rows) for name in artifact.card.outputs},
        probabilities=kept(path, lambda: _computed(artifact, dataset, split, progress)),
        copies=rows.copies(dataset),
    )


def kept_path(card: Card, dataset: str, split: str, cache: Path | None = None) -> Path:
    """Where a model's answers to a split of a dataset (its hash) lie once `predict` has them, by label set."""
    return (cache or CACHE) / f"{_key(card)}-{dataset[:16]}-{split}.npz"


def answers(artifact: Artifact, rows: Dataset, keep: Path | None = None) -> dict[str, np.ndarray]:
    """By label set, a model's calibrated probabilities for some images, float32 (n, labels); NaN where no face is.

    `keep` is a folder for features that take long, as in `compute`.
    """
    return _answers(artifact, rows, *compute(artifact.feature, rows, keep))


def _computed(artifact: Artifact, dataset: Path, split: str, progress: Progress) -> dict[str, np.ndarray]:
    return _answers(artifact, *features_of(artifact.feature, dataset, (split,), progress=progress), progress)


def _answers(
    artifact: Artifact,
    rows: Dataset,
    features: np.ndarray,
    seen: np.ndarray,
    progress: Progress = lambda done, total: None,
) -> dict[str, np.ndarray]:
    given = _predicted(artifact, features, progress) if seen.any() else {}
    probabilities = {}
    for name, output in artifact.card.outputs.items():
        probabilities[name] = np.full((len(rows), len(output.labels)), np.nan, np.float32)
        if seen.any():
            probabilities[name][seen] = np.exp(given[name])
    return probabilities


def _predicted(artifact: Artifact, features: np.ndarray, progress: Progress) -> dict[str, np.ndarray]:
    steps = []
    for start in range(0, len(features), _IMAGES_A_STEP):
        progress(start, len(features))
        steps.append(artifact.predict(features[start : start + _IMAGES_A_STEP]))
    return {name: np.concatenate([step[name] for step in steps]) for name in steps[0]}


def _key(card: Card) -> str:
    """Names everything about a model that its answers depend on."""
    outputs = {name: asdict(output) for name, output in card.outputs.items()}
    told = json.dumps([dict(card.files), dict(card.feature), outputs], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
