"""Curves of one model's answers: ROC and precision-recall of each class, and calibration before the temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_curve

from core.labels import is_answered
from training.evaluation.calibration import calibration_error, reliability

_MOST_POINTS = 200  # of a curve: more cannot be told apart on a chart


@dataclass(frozen=True)
class Curve:
    """Points of a curve, and the area under it.

    Attributes:
        x: Ascending values, 0 to 1.
        y: Values, 0 to 1.
        area: Area under the ROC curve, or average precision, computed before points were left out.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float


@dataclass(frozen=True)
class Curves:
    """Curves of one model on one split in one label set.

    Attributes:
        roc: Curve by label, true positive rate (y) over false positive rate (x) of one class against the others.
        precision_recall: Curve by label, precision (y) over recall (x).
        temperature: Temperature by which the logits are divided.
        ece_before: Calibration error before dividing by the temperature, on the images whose face was found.
        reliability_before: Mean confidence, accuracy and size of each of the bins behind `ece_before`.
    """

    roc: dict[str, Curve]
    precision_recall: dict[str, Curve]
    temperature: float
    ece_before: float
    reliability_before: list[tuple[float, float, int]]


def make_curves(labels: Sequence[str], y_true: np.ndarray, y_prob: np.ndarray, temperature: float) -> Curves:
    """Compute the curves of a model's answers.

    A face that was not found ranks behind all others. A class without an image, or with all of them, has no curve.

    Args:
        labels: Names of the k classes.
        y_true: Int (n,), true classes.
        y_prob: Float (n, k), calibrated probabilities; a row of NaN is a face that was not found.
        temperature: Temperature that calibrated the probabilities.
    """
    found = is_answered(y_prob)
    scores = np.where(found[:, None], y_prob, -1.0)
    of_class = {label: y_true == number for number, label in enumerate(labels)}
    drawn = {label: scores[:, number] for number, label in enumerate(labels) if 0 < of_class[label].sum() < len(y_true)}
    before = before_temperature(y_prob[found], temperature)
    confidence, right = before.max(axis=1, initial=0.0), before.argmax(axis=1) == y_true[found]
    return Curves(
        roc={label: _roc(of_class[label], score) for label, score in drawn.items()},
        precision_recall={label: _precision_recall(of_class[label], score) for label, score in drawn.items()},
        temperature=temperature,
        ece_before=calibration_error(confidence, right),
        reliability_before=reliability(confidence, right),
    )


def before_temperature(y_prob: np.ndarray, temperature: float) -> np.ndarray:
    """Undo temperature scaling (Guo et al. 2017): give the softmax of the undivided logits.

    Args:
        y_prob: Float (n, k), probabilities of which each row sums to 1.
        temperature: Temperature by which the logits were divided.

    Returns:
        Float64 (n, k), probabilities of which each row sums to 1.
    """
    raised = np.power(y_prob.astype(np.float64), temperature)
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
"""By name, the column of `make_answers` to sort by, and whether the smallest come first."""


NO_ANSWER = ""
"""The answer to a face that was not found, in the tables of `make_answers`."""


def make_answers(labels: Sequence[str], rows: np.ndarray, y_true: np.ndarray, y_prob: np.ndarray) -> pd.DataFrame:
    """List the answers to all images.

    Args:
        labels: Names of the k classes.
        rows: Int (n,), row number of each image in the dataset file, from 0.
        y_true: Int (n,), true classes.
        y_prob: Float (n, k), probabilities; a row of NaN is a face that was not found.

    Returns:
        Table of the n images in the order of the file, with the columns `row`, `label` (the true one), `answer` (or
        `NO_ANSWER`), `confidence` (the probability of the answer) and `for_label` (the probability of the true label).
    """
    given = np.nan_to_num(y_prob)
    answers, places = given.argmax(axis=1), np.arange(len(rows))
    names = np.array(labels, object)
    return pd.DataFrame(
        {
            "row": rows,
            "label": names[y_true],
            "answer": np.where(is_answered(y_prob), names[answers], NO_ANSWER),
            "confidence": given[places, answers].astype(float).round(5),
            "for_label": given[places, y_true].astype(float).round(5),
        }
    )


def mistakes_in(answers: pd.DataFrame) -> pd.DataFrame:
    """Find the wrong ones in a table of `make_answers`; a face that was not found is not among them."""
    return answers[(answers["answer"] != answers["label"]) & (answers["answer"] != NO_ANSWER)].reset_index(drop=True)


def chosen(
    answers: pd.DataFrame, order: str = "most confident", label: str | None = None, answer: str | None = None
) -> pd.DataFrame:
    """Choose answers by true label and by answer (None for all), in an order of `ORDERS`."""
    column, ascending = ORDERS[order]
    for name, wanted in (("label", label), ("answer", answer)):
        if wanted is not None:
            answers = answers[answers[name] == wanted]
    return answers.sort_values(column, ascending=ascending, kind="stable", ignore_index=True)
