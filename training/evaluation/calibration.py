"""Calibration: making a model's confidence mean what it says, and measuring how far it does."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, ndtr

_LEAST_ANSWERS = 100  # on which a share of right answers is worth choosing by


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that makes logits (n, k) likeliest to have given labels (n,) (Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        return -log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(labels)), labels].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def calibration_error(
    confidence: np.ndarray, correct: np.ndarray, bins: int = 15, weights: np.ndarray | None = None
) -> float:
    """Expected calibration error over bins of equal mass, less most of its upward bias.

    The plain estimate counts the noise of each bin's accuracy as miscalibration. Here each bin's expected excess,
    that of a folded normal distribution, is taken off (the debiasing of Kumar, Liang and Ma 2019, in closed form).

    Args:
        confidence: (n,) of the likeliest label.
        correct: (n,) bool.
        bins: Their number.
        weights: (n,), how much each answer counts; all alike if not given.
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    error = 0.0
    for rows in _bins(confidence, bins):
        counted = weights[rows]
        mean, accuracy = np.average(confidence[rows], weights=counted), np.average(correct[rows], weights=counted)
        gap = abs(mean - accuracy)
        noise = np.sqrt(accuracy * (1 - accuracy) * (counted**2).sum()) / counted.sum()
        excess = 0.0
        if noise > 0:
            expected = noise * np.sqrt(2 / np.pi) * np.exp(-((gap / noise) ** 2) / 2) + gap * (
                1 - 2 * ndtr(-gap / noise)
            )
            excess = expected - gap
        error += counted.sum() / weights.sum() * (gap - excess)
    return float(max(error, 0.0))


def reliability(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> list[tuple[float, float, int]]:
    """Bins of equal mass, each as its mean confidence, its accuracy and its size: a reliability diagram."""
    return [
        (float(confidence[rows].mean()), float(correct[rows].mean()), len(rows)) for rows in _bins(confidence, bins)
    ]


def _bins(confidence: np.ndarray, bins: int) -> list[np.ndarray]:
    order = np.argsort(confidence, kind="stable")
    return [rows for rows in np.array_split(order, min(bins, len(order)) or 1) if len(rows)]


def threshold_for(
    confidence: np.ndarray, correct: np.ndarray, accuracy: float = 0.9, least: int = _LEAST_ANSWERS
) -> float | None:
    """The lowest confidence from which on the answers together are as often right as asked.

    This is selective classification by the largest probability (Geifman and El-Yaniv 2017).

    Args:
        confidence: (n,) of the likeliest label.
        correct: (n,) bool.
        accuracy: Asked of the answers with that confidence or more.
        least: Fewer answers than this are no evidence.

    Returns:
        The threshold, or None where no threshold with enough answers reaches the accuracy.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    share_right = correct[order].cumsum() / np.arange(1, len(order) + 1)
    is_last_of_equals = np.append(ranked[1:] < ranked[:-1], True)[: len(order)]
    enough = np.arange(1, len(order) + 1) >= least
    fits = np.flatnonzero((share_right >= accuracy) & is_last_of_equals & enough)
    return float(ranked[fits[-1]]) if len(fits) else None
