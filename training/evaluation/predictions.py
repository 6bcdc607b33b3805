"""Predictions: what a model answers to every image of a split, computed once and kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.cards import Card
from core.inference.artifact import Artifact
from core.labels import FER7, FERPLUS8, is_answered
from training.datasets import Dataset, dataset_hash
from training.features.cached import compute, features_of
from training.features.extract import Progress
from training.files import DAMAGE, kept, write_arrays


def majority(votes: np.ndarray) -> np.ndarray:
    """Find the label that most people chose, int64 (n,), an index into `FERPLUS8`; -1 where there is none.

    Votes are counted as in the published code of Barsoum et al. (2016): single votes are dropped as outliers, then more
    than half of the rest must agree. Images without votes, and those that most people called unknown or not a face,
    have no label.

    Args:
        votes: Int (n, 10), votes in the order of `VOTE_COLUMNS`.
    """
    counted = np.where(votes > 1, votes, 0).astype(np.int64)
    labels = counted.argmax(axis=1)
    agreed = 2 * counted.max(axis=1) > counted.sum(axis=1)
    return np.where(agreed & (labels < len(FERPLUS8)), labels, -1)


CACHE = Path("runs/predictions")

PUBLISHED = Path("docs/predictions")
"""Folder of the answers that come with the project, one file for each model."""

_MADE_BY = "made_by"  # in a published file: the name that the answers have in the cache

_IMAGES_A_STEP = 512

TRUTHS: dict[str, Callable[[Dataset], np.ndarray]] = {
    FER7.name: lambda rows: rows.labels,
    FERPLUS8.name: lambda rows: majority(rows.votes),
}
"""By label set, a function from a dataset to true labels, int (n,): -1 for an image without one."""


@dataclass(frozen=True)
class Predictions:
    """Answers of one model to one split, in the order of the dataset file.

    Attributes:
        y_true: Int (n,) by label set, true labels; -1 where an image has none.
        y_prob: Float32 (n, labels) by label set, calibrated probabilities; a row of NaN is a face that was not found.
        copies: Bool (n,) by other split of the file, the images whose pixels are also in that split.
    """

    y_true: dict[str, np.ndarray]
    y_prob: dict[str, np.ndarray]
    copies: dict[str, np.ndarray]

    @property
    def is_copy(self) -> np.ndarray:
        """Bool (n,): the images whose pixels are also in any other split."""
        return np.any(list(self.copies.values()), axis=0)

    def correct(self, label_set: str) -> np.ndarray:
        """Bool (n,): which images were answered correctly; a face that was not found counts as an error."""
        y_prob = self.y_prob[label_set]
        return is_answered(y_prob) & (np.nan_to_num(y_prob).argmax(axis=1) == self.y_true[label_set])


def predict(
    artifact: Artifact,
    dataset: Path,
    split: str,
    cache: Path | None = None,
    progress: Progress = lambda done, total: None,
    published: bool = False,
) -> Predictions:
    """Run a model, as it is served, on one split of a dataset file, or read its answers from the cache.

    Args:
        artifact: The model.
        dataset: File that `training import` wrote.
        split: One of `SPLITS`.
        cache: Folder of the cache; `CACHE` if not given. The name of a file in it depends on the model, its
            calibration, the content of the dataset and the split.
        progress: Function called with the number of images answered and the total; before that, if the feature is
            slow, with the number of images whose feature was computed.
        published: Take the answers that `publish` wrote, which are rounded, where the model is still the same.

    Raises:
        DatasetError: The file cannot be used, or has no such split.
        TrainingError: The cache cannot be written.
    """
    rows = Dataset.load(dataset, (split,))
    path = kept_path(artifact.card, dataset_hash(dataset), split, cache)
    y_prob = read_published(artifact.card, path.stem) if published else None
    return Predictions(
        y_true={name: TRUTHS[name](rows) for name in artifact.card.outputs},
        y_prob=y_prob or kept(path, lambda: _computed(artifact, dataset, split, progress)),
        copies=rows.copies(dataset),
    )


def kept_path(card: Card, dataset: str, split: str, cache: Path | None = None) -> Path:
    """The file in which `predict` keeps a model's answers to a split of a dataset (given by its hash), by label set."""
    return (cache or CACHE) / f"{_key(card)}-{dataset[:16]}-{split}.npz"


def publish(card: Card, dataset: str, split: str, y_prob: Mapping[str, np.ndarray], folder: Path | None = None) -> Path:
    """Write a model's answers to a split into a folder (`PUBLISHED` if not given), in half precision.

    Every image keeps its likeliest label: where rounding makes two equal, the first of them in order is set back by one
    step.

    Args:
        card: The model's card.
        dataset: Hash of the dataset.
        split: Name of the split.
        y_prob: Float32 (n, labels) by label set, as in `Predictions`.
        folder: The folder to write to.

    Returns:
        The path of the file.

    Raises:
        TrainingError: The file cannot be written.
    """
    path = (folder or PUBLISHED) / f"{card.name}.npz"
    arrays = {name: _halves(values) for name, values in y_prob.items()}
    write_arrays(path, arrays | {_MADE_BY: np.array(kept_path(card, dataset, split).stem)})
    return path


def read_published(card: Card, made_by: str, folder: Path | None = None) -> dict[str, np.ndarray] | None:
    """Read what `publish` wrote; None where it is missing, damaged or of another model, calibration, dataset or split.

    Args:
        card: The model's card.
        made_by: Name of the answers' file in the cache without its suffix, which depends on all these.
        folder: The folder to read from; `PUBLISHED` if not given.
    """
    with suppress(*DAMAGE), np.load((folder or PUBLISHED) / f"{card.name}.npz", allow_pickle=False) as arrays:
        if str(arrays[_MADE_BY]) == made_by:
            return {name: arrays[name].astype(np.float32) for name in card.outputs}
    return None


def is_published(card: Card, dataset: str, split: str) -> bool:
    """Tell whether a model's answers to a split of a dataset (given by its hash) came with the project."""
    return read_published(card, kept_path(card, dataset, split).stem) is not None


def _halves(y_prob: np.ndarray) -> np.ndarray:
    halves, likeliest = y_prob.astype(np.float16), np.nan_to_num(y_prob, nan=-1).argmax(axis=1)
    rows = np.arange(len(halves))
    while (changed := (first := np.nan_to_num(halves, nan=-1).argmax(axis=1)) != likeliest).any():
        halves[rows[changed], first[changed]] = np.nextafter(halves[rows[changed], first[changed]], np.float16(0))
    return halves


def answers(artifact: Artifact, rows: Dataset, keep: Path | None = None) -> dict[str, np.ndarray]:
    """Run a model on some images.

    Args:
        artifact: The model.
        rows: The n images.
        keep: Folder in which slow features are kept; see `compute`.

    Returns:
        Float32 (n, labels) by label set, calibrated probabilities; a row of NaN is a face that was not found.
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
    y_prob = {}
    for name, output in artifact.card.outputs.items():
        y_prob[name] = np.full((len(rows), len(output.labels)), np.nan, np.float32)
        if seen.any():
            y_prob[name][seen] = np.exp(given[name])
    return y_prob


def _predicted(artifact: Artifact, features: np.ndarray, progress: Progress) -> dict[str, np.ndarray]:
    steps = []
    for start in range(0, len(features), _IMAGES_A_STEP):
        progress(start, len(features))
        steps.append(artifact.predict(features[start : start + _IMAGES_A_STEP]))
    return {name: np.concatenate([step[name] for step in steps]) for name in steps[0]}


def _key(card: Card) -> str:
    """Hash of everything about a model that its answers depend on."""
    outputs = {name: asdict(output) for name, output in card.outputs.items()}
    told = json.dumps([dict(card.files), dict(card.feature), outputs], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
