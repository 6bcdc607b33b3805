"""Calibration: making a model's confidence mean what it says, and measuring how far it does."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.stats import norm


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that makes logits (n, k) likeliest to have given labels (n,) (Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        return -log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(labels)), labels].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error over bins of equal mass, less most of its upward bias.

    The plain estimate counts the noise of each bin's accuracy as miscalibration. Here each bin's expected excess,
    that of a folded normal distribution, is taken off (the debiasing of Kumar, Liang and Ma 2019, in closed form).

    Args:
        confidence: (n,) of the likeliest label.
        correct: (n,) bool.
        bins: Their number.
    """
    order = np.argsort(confidence, kind="stable")
    error = 0.0
    for rows in np.array_split(order, min(bins, len(order))):
        accuracy = correct[rows].mean()
        gap = abs(confidence[rows].mean() - accuracy)
        noise = np.sqrt(accuracy * (1 - accuracy) / len(rows))
        excess = 0.0
        if noise > 0:
            expected = noise * np.sqrt(2 / np.pi) * np.exp(-((gap / noise) ** 2) / 2) + gap * (
                1 - 2 * norm.cdf(-gap / noise)
            )
            excess = expected - gap
        error += len(rows) / len(order) * (gap - excess)
    return float(max(error, 0.0))
