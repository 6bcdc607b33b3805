"""Examples, their targets, their weights and their order in an epoch. Needs nothing but NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.labels import FER7, FERPLUS8, is_answered


@dataclass(frozen=True)
class Examples:
    """Faces through a recipe's feature, with their labels.

    Attributes:
        features: (n, ...), in the feature's own dtype.
        labels: Int (n,), indices into `FER7`.
        votes: Uint8 (n, 10) FER+ votes in the order of `VOTE_COLUMNS`; all zero where there are none.
        soft_labels: Float32 (n, 7), probabilities in `FER7` from teachers, rows of NaN where they see no face; None
            without teachers.
    """

    features: np.ndarray
    labels: np.ndarray
    votes: np.ndarray
    soft_labels: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows) -> Examples:
        soft_labels = None if self.soft_labels is None else self.soft_labels[rows]
        return Examples(self.features[rows], self.labels[rows], self.votes[rows], soft_labels)


def targets(label_set: str, labels: np.ndarray, votes: np.ndarray, share: float) -> np.ndarray:
    """Make the probabilities that a model learns to give, float32 (n, k), in one of the label sets of `TARGETS`.

    Args:
        label_set: Name of the label set.
        labels: Int (n,), indices into `FER7`.
        votes: (n, 10) FER+ votes: the eight of `FERPLUS8` in its order, "unknown" and "not-a-face"; all zero where
            there are none.
        share: Share of the votes in the targets of `fer7`, 0 to 1.
    """
    return TARGETS[label_set](np.asarray(labels), np.asarray(votes), share)


def blended(targets: np.ndarray, soft_labels: np.ndarray, share: float) -> np.ndarray:
    """Mix targets with soft labels where there are any, float32 (n, k) (Hinton, Vinyals and Dean 2015).

    Args:
        targets: (n, k) probabilities.
        soft_labels: (n, k) probabilities from teachers; a row with NaN is no answer.
        share: Share of the soft labels, 0 to 1.
    """
    mixed = np.float32(1 - share) * targets + np.float32(share) * np.nan_to_num(soft_labels)
    return np.where(is_answered(soft_labels)[:, None], mixed, targets).astype(np.float32)


def _fer7(labels: np.ndarray, votes: np.ndarray, share: float) -> np.ndarray:
    """Mix FER2013's label with the votes for the seven where there are any.

    People agree with FER2013's own label on 63% of its images only, so the votes are the better targets (Barsoum et
    al. 2016); the labels are what the test counts.
    """
    given = _one_hot(labels, len(FER7))
    return np.float32(1 - share) * given + np.float32(share) * _shares(votes, given)


def _ferplus8(labels: np.ndarray, votes: np.ndarray, share: float) -> np.ndarray:
    """Give each of the eight its share of the votes; `share` has no effect.

    Without a vote for one of the eight the label stands alone; FER2013 has no contempt.
    """
    return _shares(votes, _one_hot(labels, len(FERPLUS8)))


TARGETS: Mapping[str, Callable[[np.ndarray, np.ndarray, float], np.ndarray]] = {
    FER7.name: _fer7,
    FERPLUS8.name: _ferplus8,
}
"""Function by label set that makes targets of labels, votes and the share of the votes."""


def _one_hot(labels: np.ndarray, size: int) -> np.ndarray:
    return np.eye(size, dtype=np.float32)[labels]


def _shares(votes: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Divide the first columns of the votes by their sum; where that is zero, take the rows of `otherwise` (n, k)."""
    counts = votes[:, : otherwise.shape[1]].astype(np.float32)
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=otherwise.copy(), where=total > 0)


def class_weights(labels: np.ndarray) -> np.ndarray:
    """Weigh each example by how rare its class is, float32 (n,), with a mean of 1."""
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return (len(labels) / (len(counts) * counts[classes])).astype(np.float32)


def epoch_order(labels: np.ndarray, balance: str, rng: np.random.Generator) -> np.ndarray:
    """Shuffle the row numbers (n,) of one epoch.

    With `balance` "oversample" every class is drawn equally often (to within one): the rows of a rare class several
    times, and of a common class a part, another in each epoch.
    """
    if balance != "oversample":
        return rng.permutation(len(labels))
    classes = np.unique(labels)
    quotas = np.full(len(classes), len(labels) // len(classes))
    quotas[rng.permutation(len(classes))[: len(labels) % len(classes)]] += 1
    drawn = [
        _cycle(np.flatnonzero(labels == one), quota, rng) for one, quota in zip(classes, quotas, strict=True) if quota
    ]
    return rng.permutation(np.concatenate(drawn))


def _cycle(rows: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    rounds = -(-count // len(rows))
    return np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:count]
