"""From who wins between two classes to how likely each of them all is."""

from __future__ import annotations

import numpy as np

_SLOPE = 2.0
"""At the edge of its margin, 1, an example is taken to be of that class with 88 %. The answers are given a temperature
afterwards, so that this says only how much a wide margin counts beside a narrow one."""


def couple(margins: np.ndarray, classes: int) -> np.ndarray:
    """Probabilities of classes from the margins between any two, by the second method of Wu, Lin and Weng (2004).

    Counting won pairs gives the same label nearly always, but jumps where a pair is even, and says little of how sure
    it is.

    Args:
        margins: (n, classes * (classes - 1) / 2), those of the first class with the second, with the third and so on;
            above 0 where the first of the two wins.
        classes: How many there are.

    Returns:
        Float64 (n, classes), summing to 1.

    Raises:
        ValueError: there are not as many margins as pairs.

    Examples:
        >>> couple(np.array([[1.0, 3.0, 0.0]]), 3).round(2).tolist()
        [[0.88, 0.1, 0.02]]
    """
    first, second = np.triu_indices(classes, 1)
    if margins.ndim != 2 or margins.shape[1] != len(first):
        raise ValueError(f"{margins.shape[1:]} decision values for {len(first)} pairs of classes")
    wins = np.zeros((len(margins), classes, classes))
    wins[:, first, second] = 1 / (1 + np.exp(-_SLOPE * margins))
    wins[:, second, first] = 1 - wins[:, first, second]
    losses = wins.transpose(0, 2, 1)
    # The least sum over pairs of (losses * p - wins * p')^2 where the p sum to 1: a linear system with a multiplier.
    system = np.zeros((len(margins), classes + 1, classes + 1))
    system[:, :classes, :classes] = -losses * wins
    system[:, range(classes), range(classes)] = (losses**2).sum(axis=2)
    system[:, classes, :classes] = system[:, :classes, classes] = 1
    right = np.zeros((classes + 1, 1))
    right[classes] = 1
    return np.linalg.solve(system, right)[:, :classes, 0]
