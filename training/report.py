"""Report: every figure of one evaluation. Pages and cards show it; nothing recomputes a figure for display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from training.calibration import calibration_error

_RESAMPLES = 1000


@dataclass(frozen=True)
class Report:
    """Figures of one model on one split; shares and errors are 0 to 1, intervals are 95 % bootstrap ones.

    Attributes:
        split: What it was measured on.
        n: Images, every one counted: a face that was not found is an error.
        coverage: Share of the images whose face was found.
        accuracy: Share answered rightly.
        accuracy_interval: Its interval.
        copies: Images whose pixels also stand in the Training split.
        accuracy_without_copies: Accuracy on the others.
        balanced_accuracy: Mean recall of the classes.
        macro_f1: Mean F1 of the classes.
        precision: By label.
        recall: By label.
        f1: By label.
        confusion: Rows are true labels, columns answers; the last column counts faces not found.
        nll: Negative log-likelihood, natural logarithm, of the images found.
        ece: Calibration error as `calibration_error` gives it, of the images found.
        ece_interval: Its interval.
        answered: Share of the images found on which the model is not unsure.
        accuracy_answered: Accuracy on those.
    """

    split: str
    n: int
    coverage: float
    accuracy: float
    accuracy_interval: tuple[float, float]
    copies: int
    accuracy_without_copies: float
    balanced_accuracy: float
    macro_f1: float
    precision: dict[str, float]
    recall: dict[str, float]
    f1: dict[str, float]
    confusion: list[list[int]]
    nll: float
    ece: float
    ece_interval: tuple[float, float]
    answered: float
    accuracy_answered: float

    def as_dict(self) -> dict:
        """Plain JSON types, figures to five decimals."""
        return _rounded(asdict(self))


def make_report(
    split: str,
    labels: Sequence[str],
    truth: np.ndarray,
    probabilities: np.ndarray,
    copies: np.ndarray,
    unsure_below: float = 0.0,
) -> Report:
    """Evaluate answers.

    Args:
        split: Name of what they were given on.
        labels: Names of the k classes.
        truth: Int (n,).
        probabilities: (n, k); a row of NaN is a face that was not found.
        copies: Bool (n,), images that also stand in Training.
        unsure_below: Confidence under which the model would rather not say.
    """
    found = ~np.isnan(probabilities).any(axis=1)
    answers = np.where(found, np.nan_to_num(probabilities, nan=-1.0).argmax(axis=1), len(labels))
    correct = answers == truth
    confusion = np.zeros((len(labels), len(labels) + 1), dtype=int)
    np.add.at(confusion, (truth, answers), 1)
    hits = confusion.diagonal()
    recall = _ratio(hits, confusion.sum(axis=1))
    precision = _ratio(hits, confusion.sum(axis=0)[:-1])
    f1 = _ratio(2 * precision * recall, precision + recall)
    seen = confusion.sum(axis=1) > 0
    confidence, right = probabilities[found].max(axis=1, initial=0.0), correct[found]
    sure = confidence >= unsure_below
    likelihood = probabilities[found, truth[found]]
    return Report(
        split=split,
        n=len(truth),
        coverage=found.mean(),
        accuracy=correct.mean(),
        accuracy_interval=_interval(len(truth), lambda rows: correct[rows].mean()),
        copies=int(copies.sum()),
        accuracy_without_copies=_mean(correct[~copies]),
        balanced_accuracy=recall[seen].mean(),
        macro_f1=f1[seen].mean(),
        precision=dict(zip(labels, precision, strict=True)),
        recall=dict(zip(labels, recall, strict=True)),
        f1=dict(zip(labels, f1, strict=True)),
        confusion=confusion.tolist(),
        nll=_mean(-np.log(np.maximum(likelihood, 1e-12))),
        ece=calibration_error(confidence, right) if found.any() else 0.0,
        ece_interval=_interval(found.sum(), lambda rows: calibration_error(confidence[rows], right[rows])),
        answered=_mean(sure),
        accuracy_answered=_mean(right[sure]),
    )


def _interval(n: int, figure: Callable[[np.ndarray], float]) -> tuple[float, float]:
    if not n:
        return (0.0, 0.0)
    rng = np.random.default_rng(0)
    values = [figure(rng.integers(0, n, n)) for _ in range(_RESAMPLES)]
    low, high = np.percentile(values, [2.5, 97.5])
    return (float(low), float(high))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return round(float(value), 5) if isinstance(value, (float, np.floating)) else value
