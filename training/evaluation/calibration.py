"""Calibration: temperature scaling, the calibration error, and the confidence needed for a given accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, ndtr

_LEAST_ANSWERS = 100  # the accuracy of fewer is too uncertain to choose a threshold by


def fit_temperature(logits: np.ndarray, y_true: np.ndarray) -> float:
    """Fit the temperature that minimises the negative log-likelihood (Guo et al. 2017).

    Args:
        logits: Float (n, k), logits.
        y_true: Int (n,), true classes.
    """

    def loss(log_temperature: float) -> float:
        return -log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(y_true)), y_true].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def calibration_error(
    confidence: np.ndarray, correct: np.ndarray, bins: int = 15, weights: np.ndarray | None = None
) -> float:
    """Compute the expected calibration error over bins of equal mass, without most of its upward bias.

    The plain estimate counts the noise of each bin's accuracy as miscalibration. The expected excess of each bin, that
    of a folded normal distribution, is subtracted here (the debiasing of Kumar, Liang and Ma 2019, in closed form).

    Args:
        confidence: Float (n,), probability of the answer.
        correct: Bool (n,), whether the answer is correct.
        bins: Number of bins.
        weights: Float (n,), weight of each answer; equal weights if not given.
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    error = 0.0
    for rows in _bins(confidence, bins):
        counted = weights[rows]
        mean, accuracy = np.average(confidence[rows], weights=counted), np.average(correct[rows], weights=counted)
        effective = counted.sum() ** 2 / (counted**2).sum()
        error += counted.sum() / weights.sum() * _gap(mean, accuracy, effective)
    return float(max(error, 0.0))


def calibration_interval(
    error: float, bins: Sequence[tuple[float, float, int]], resamples: int = 2000
) -> tuple[float, float]:
    """Compute the 95% interval of a calibration error, the same on every call; the error always lies within.

    Each bin's accuracy is drawn again from the binomial distribution that it suggests. As such draws are noisier than
    the bins themselves, their errors are larger on average; the interval is moved back by that difference (bootstrap
    bias correction, Efron and Tibshirani 1993, chapter 10).

    Args:
        error: The error, as `calibration_error` computes it from the same bins without weights.
        bins: Mean confidence, accuracy and size of each bin, as `reliability` gives them.
        resamples: Number of draws.
    """
    if not bins:
        return (0.0, 0.0)
    mean, accuracy, size = (np.array(values, float) for values in zip(*bins, strict=True))
    drawn = np.random.default_rng(0).binomial(size.astype(int), accuracy, (resamples, len(size))) / size
    errors = np.maximum((_gap(mean, drawn, size) * size).sum(axis=1) / size.sum(), 0)
    low, high = np.percentile(errors, [2.5, 97.5]) - errors.mean() + error
    return (float(min(max(low, 0.0), error)), float(max(high, error)))


def _gap(mean: np.ndarray, accuracy: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Estimate how far confidence and accuracy of bins lie apart, without what noise adds on average.

    Args:
        mean: Mean confidence of each bin.
        accuracy: Accuracy of each bin.
        size: Number of answers in each bin.
    """
    gap = np.abs(mean - accuracy)
    noise = np.sqrt(accuracy * (1 - accuracy) / size)
    ratio = np.divide(gap, noise, out=np.full(np.shape(noise), np.inf), where=noise > 0)
    expected = noise * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) + gap * (1 - 2 * ndtr(-ratio))
    return 2 * gap - expected


def reliability(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> list[tuple[float, float, int]]:
    """Compute a reliability diagram: mean confidence, accuracy and size of each of some bins of equal mass.

    Args:
        confidence: Float (n,), probability of the answer.
        correct: Bool (n,), whether the answer is correct.
        bins: Number of bins.
    """
    return [
        (float(confidence[rows].mean()), float(correct[rows].mean()), len(rows)) for rows in _bins(confidence, bins)
    ]


def _bins(confidence: np.ndarray, bins: int) -> list[np.ndarray]:
    order = np.argsort(confidence, kind="stable")
    return [rows for rows in np.array_split(order, min(bins, len(order)) or 1) if len(rows)]


def threshold_for(
    confidence: np.ndarray, correct: np.ndarray, accuracy: float = 0.9, least: int = _LEAST_ANSWERS
) -> float | None:
    """Find the lowest confidence from which on the answers reach an accuracy.

    This is selective classification by the largest probability (Geifman and El-Yaniv 2017).

    Args:
        confidence: Float (n,), probability of the answer.
        correct: Bool (n,), whether the answer is correct.
        accuracy: Accuracy that the answers with at least that confidence must reach.
        least: Number of answers below which a threshold is not considered.

    Returns:
        The threshold, or None if no threshold with enough answers reaches the accuracy.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    share_right = correct[order].cumsum() / np.arange(1, len(order) + 1)
    is_last_of_equals = np.append(ranked[1:] < ranked[:-1], True)[: len(order)]
    enough = np.arange(1, len(order) + 1) >= least
    fits = np.flatnonzero((share_right >= accuracy) & is_last_of_equals & enough)
    return float(ranked[fits[-1]]) if len(fits) else None
