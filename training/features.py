"""A dataset through a feature: what `fit` and `evaluate` see."""

from __future__ import annotations

import numpy as np

from core.features import Feature
from training.datasets import Dataset


def compute(feature: Feature, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """A feature of every image whose face it can see.

    The images are canonical crops already and are taken as they are.

    Returns:
        The features (found, ...), and bool (n,): which images those are.
    """
    values = [feature.compute(image, None) for image in dataset.images]
    found = np.array([value is not None for value in values])
    return np.stack([value for value in values if value is not None]), found
