"""What a model is taught to answer: labels and votes as probabilities."""

from __future__ import annotations

import numpy as np

from core.labels import FER7
from training.datasets import Dataset


def fer7_targets(dataset: Dataset, votes: float) -> np.ndarray:
    """Float32 (n, 7): FER2013's label, mixed with the FER+ votes where there are any.

    Args:
        dataset: The rows to teach.
        votes: Share of the votes, 0 to 1. People agree with FER2013's own label on 63 % of its images only, so
            the votes are the better teacher (Barsoum et al. 2016); the labels are what the test counts.
    """
    labels = np.eye(len(FER7), dtype=np.float32)[dataset.labels]
    counts = dataset.votes[:, : len(FER7)].astype(np.float32)
    total = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, total, out=labels.copy(), where=total > 0)
    return (1 - votes) * labels + votes * shares
