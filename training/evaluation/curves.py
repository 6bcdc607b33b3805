"""Curves: how good one model's answers are at every threshold, class by class, and before calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_curve

from core.labels import is_answered
from training.evaluation.calibration import calibration_error, reliability

_MOST_POINTS = 200  # more than a chart has room for


@dataclass(frozen=True)
class Curve:
    """Points of a curve, and the area below it.

    Attributes:
        x: Ascending, 0 to 1.
        y: 0 to 1.
        area: Below all points, also those that were left out: the area under the ROC curve, or average precision.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float


@dataclass(frozen=True)
class Curves:
    """What a Report has no room for.

    Attributes:
        roc: By label, one class against the others: false positive rate to true positive rate.
        precision_recall: By label: recall to precision.
        temperature: What the logits are divided by.
        ece_before: Calibration error (`calibration_error`) of the undivided logits, on the images whose face was found.
        reliability_before: The bins behind it, as in a Report.
    """

    roc: dict[str, Curve]
    precision_recall: dict[str, Curve]
    temperature: float
    ece_before: float
    reliability_before: list[tuple[float, float, int]]

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Curves:
        """From what `dataclasses.asdict` gave, through JSON."""
        by_label = {
            kind: {
                label: Curve(tuple(curve["x"]), tuple(curve["y"]), curve["area"]) for label, curve in told[kind].items()
            }
            for kind in ("roc", "precision_recall")
        }
        return cls(**told | by_label | {"reliability_before": [tuple(each) for each in told["reliability_before"]]})


def make_curves(labels: Sequence[str], truth: np.ndarray, probabilities: np.ndarray, temperature: float) -> Curves:
    """Draw the curves of some answers.

    A face that was not found stands behind all others: it is right only where everything is. A class without an image,
    or with all of them, has no curve.

    Args:
        labels: Names of the k classes.
        truth: Int (n,).
        probabilities: (n, k), calibrated; a row of NaN is a face that was not found.
        temperature: That calibrated them.
    """
    found = is_answered(probabilities)
    scores = np.where(found[:, None], probabilities, -1.0)
    of_class = {label: truth == number for number, label in enumerate(labels)}
    drawn = {label: scores[:, number] for number, label in enumerate(labels) if 0 < of_class[label].sum() < len(truth)}
    before = before_temperature(probabilities[found], temperature)
    confidence, right = before.max(axis=1, initial=0.0), before.argmax(axis=1) == truth[found]
    return Curves(
        roc={label: _roc(of_class[label], score) for label, score in drawn.items()},
        precision_recall={label: _precision_recall(of_class[label], score) for label, score in drawn.items()},
        temperature=temperature,
        ece_before=calibration_error(confidence, right),
        reliability_before=reliability(confidence, right),
    )


def before_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The softmax of the logits themselves, from that of the logits over a temperature (Guo et al. 2017).

    Args:
        probabilities: (n, k), rows that sum to 1.
        temperature: That the logits were divided by.

    Returns:
        Float64 (n, k).
    """
    raised = np.power(probabilities.astype(np.float64), temperature)
    return raised / raised.sum(axis=1, keepdims=True)


def _roc(is_class: np.ndarray, score: np.ndarray) -> Curve:
    false_positives, true_positives, _ = roc_curve(is_class, score)
    return _curve(false_positives, true_positives, auc(false_positives, true_positives))


def _precision_recall(is_class: np.ndarray, score: np.ndarray) -> Curve:
    precision, recall, _ = precision_recall_curve(is_class, score, drop_intermediate=True)
    return _curve(recall[::-1], precision[::-1], average_precision_score(is_class, score))


def _curve(x: np.ndarray, y: np.ndarray, area: float) -> Curve:
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MOST_POINTS)).round().astype(int))
    return Curve(tuple(x[kept].round(5).tolist()), tuple(y[kept].round(5).tolist()), round(float(area), 5))


ORDERS: Mapping[str, tuple[str, bool]] = {
    "most confident": ("confidence", False),
    "worst": ("for_label", True),
}
"""By name, the column to sort by and whether the smallest come first: sure of what is wrong, blind to what is right."""


def make_mistakes(
    labels: Sequence[str], rows: np.ndarray, truth: np.ndarray, probabilities: np.ndarray
) -> pd.DataFrame:
    """The wrong answers, in the order of the file; a face that was not found got no answer and is not among them.

    Args:
        labels: Names of the k classes.
        rows: Int (n,), of each image in the dataset file, from 0.
        truth: Int (n,).
        probabilities: (n, k); a row of NaN is a face that was not found.

    Returns:
        Columns `row`, `label` (the true one), `answer`, `confidence` (the probability of the answer) and `for_label`
        (that of the true label).
    """
    answers = np.nan_to_num(probabilities).argmax(axis=1)
    wrong = np.flatnonzero(is_answered(probabilities) & (answers != truth))
    names = np.array(labels)
    return pd.DataFrame(
        {
            "row": rows[wrong],
            "label": names[truth[wrong]],
            "answer": names[answers[wrong]],
            "confidence": probabilities[wrong, answers[wrong]].astype(float).round(5),
            "for_label": probabilities[wrong, truth[wrong]].astype(float).round(5),
        }
    )


def chosen(
    mistakes: pd.DataFrame, order: str = "most confident", label: str | None = None, answer: str | None = None
) -> pd.DataFrame:
    """Mistakes in an order of `ORDERS`, of one true label and one answer; of all where None."""
    column, ascending = ORDERS[order]
    for name, wanted in (("label", label), ("answer", answer)):
        if wanted is not None:
            mistakes = mistakes[mistakes[name] == wanted]
    return mistakes.sort_values(column, ascending=ascending, kind="stable", ignore_index=True)
