"""What a model is taught to answer: labels and votes as probabilities. Needs nothing but NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.labels import FER7, FERPLUS8


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
    answered = ~np.isnan(taught).any(axis=1, keepdims=True)
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
