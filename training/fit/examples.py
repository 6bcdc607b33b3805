"""Examples: what a fit sees. Needs nothing but NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.labels import FER7, FERPLUS8, is_answered


@dataclass(frozen=True)
class Examples:
    """Faces through a recipe's feature, with what people said of them.

    Attributes:
        features: (n, ...), in the feature's own dtype.
        labels: Int (n,), indices into `FER7`.
        votes: Uint8 (n, 10) FER+ votes in the order of `VOTE_COLUMNS`; all zero where there are none.
        taught: Float32 (n, 7), what teachers answer in `FER7`, NaN where they answer nothing; None without teachers.
    """

    features: np.ndarray
    labels: np.ndarray
    votes: np.ndarray
    taught: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows) -> Examples:
        taught = None if self.taught is None else self.taught[rows]
        return Examples(self.features[rows], self.labels[rows], self.votes[rows], taught)


def targets(label_set: str, labels: np.ndarray, votes: np.ndarray, share: float) -> np.ndarray:
    """Float32 (n, k): the probabilities that a model is to give in one of the label sets of `TARGETS`.

    Args:
        label_set: Its name.
        labels: Int (n,), indices into `FER7`.
        votes: (n, 10) FER+ votes: the eight of `FERPLUS8` in its order, "unknown" and "not-a-face"; all zero where
            there are none.
        share: Of the votes in the targets of `fer7`, 0 to 1.
    """
    return TARGETS[label_set](np.asarray(labels), np.asarray(votes), share)


def blended(targets: np.ndarray, taught: np.ndarray, share: float) -> np.ndarray:
    """Float32 (n, k): targets mixed with what teachers answer, where they do (Hinton, Vinyals and Dean 2015).

    Args:
        targets: (n, k).
        taught: (n, k) probabilities; a row with NaN is no answer.
        share: Of the teachers, 0 to 1.
    """
    answered = is_answered(taught)[:, None]
    mixed = np.float32(1 - share) * targets + np.float32(share) * np.nan_to_num(taught)
    return np.where(answered, mixed, targets).astype(np.float32)


def _fer7(labels: np.ndarray, votes: np.ndarray, share: float) -> np.ndarray:
    """FER2013's label, mixed with the votes for the seven where there are any.

    People agree with FER2013's own label on 63 % of its images only, so the votes are the better teacher (Barsoum et
    al. 2016); the labels are what the test counts.
    """
    given = _one_hot(labels, len(FER7))
    return np.float32(1 - share) * given + np.float32(share) * _shares(votes, given)


def _ferplus8(labels: np.ndarray, votes: np.ndarray, share: float) -> np.ndarray:
    """Each of the eight's share of the votes; `share` is of no account.

    Without a vote for one of the eight the label stands alone: FER2013 knows no contempt, so that is never it.
    """
    return _shares(votes, _one_hot(labels, len(FERPLUS8)))


TARGETS: Mapping[str, Callable[[np.ndarray, np.ndarray, float], np.ndarray]] = {
    FER7.name: _fer7,
    FERPLUS8.name: _ferplus8,
}
"""How the targets of each label set come from labels, votes and the votes' share."""


def _one_hot(labels: np.ndarray, size: int) -> np.ndarray:
    return np.eye(size, dtype=np.float32)[labels]


def _shares(votes: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """The first columns of the votes as shares of their sum, and other rows (n, k) where it is zero."""
    counts = votes[:, : otherwise.shape[1]].astype(np.float32)
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=otherwise.copy(), where=total > 0)


def class_weights(labels: np.ndarray) -> np.ndarray:
    """Float32 (n,): each example weighs as its class is rare, one on average over the examples."""
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return (len(labels) / (len(counts) * counts[classes])).astype(np.float32)


def epoch_order(labels: np.ndarray, balance: str, rng: np.random.Generator) -> np.ndarray:
    """Row numbers (n,) of one epoch, shuffled.

    With `balance` "oversample" every class is drawn equally often (to within one): a rare one's rows again and again,
    each as often as the others to within one, and of a common one's rows a part, another in each epoch.
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
