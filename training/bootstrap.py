"""Percentile bootstrap intervals (Efron 1979)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_RESAMPLES = 1000


def interval(n: int, figure: Callable[[np.ndarray], float]) -> tuple[float, float]:
    """The 95 % interval of a figure over n examples, the same on every call.

    Args:
        n: Examples; none gives (0, 0).
        figure: From the indices of a resample, int (n,), to the figure.
    """
    if not n:
        return (0.0, 0.0)
    rng = np.random.default_rng(0)
    values = [figure(rng.integers(0, n, n)) for _ in range(_RESAMPLES)]
    low, high = np.percentile(values, [2.5, 97.5])
    return (float(low), float(high))
