"""FER+ votes -> the one label that most people gave."""

from __future__ import annotations

import numpy as np

from core.labels import FERPLUS8


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
