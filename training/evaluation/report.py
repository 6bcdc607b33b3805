"""Report: every figure of one evaluation. Pages and cards show it; nothing recomputes a figure for display."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError, with_config

from core.corrections import flattened
from core.labels import is_answered
from training.errors import TrainingError
from training.evaluation.calibration import calibration_error, calibration_interval, reliability

_RESAMPLES = 1000


def interval(n: int, figure: Callable[[np.ndarray], float]) -> tuple[float, float]:
    """Compute the 95% bootstrap interval of a figure, the same on every call.

    Args:
        n: Number of examples; 0 gives the interval (0, 0).
        figure: Function from the indices of a resample, int (n,), to the figure.
    """
    if not n:
        return (0.0, 0.0)
    rng = np.random.default_rng(0)
    values = [figure(rng.integers(0, n, n)) for _ in range(_RESAMPLES)]
    low, high = np.percentile(values, [2.5, 97.5])
    return (float(low), float(high))


_BARS = np.arange(20) / 20  # the confidences of `Report.selective`


@with_config(allow_inf_nan=False)
@dataclass(frozen=True)
class Report:
    """Figures of one model on one split; shares and errors are 0 to 1, intervals are 95% bootstrap intervals.

    Attributes:
        split: Name of the split that the model was evaluated on.
        label_set: Name of the label set that the model was evaluated in.
        n: Number of images, every one counted: a face that was not found is an error.
        left_out: Number of images without a true label in this label set (FER+: no majority, unknown, not a face).
        coverage: Share of the images in which the face was found.
        accuracy: Share of the images answered correctly.
        accuracy_interval: Lower and upper end of the interval of `accuracy`.
        copies: Number of images whose pixels are also in another split, by that split.
        accuracy_without_copies: Accuracy on the images whose pixels are not in Training.
        balanced_accuracy: Mean recall over the classes.
        macro_f1: Mean F1 over the classes.
        precision: Precision by label.
        recall: Recall by label.
        f1: F1 by label.
        confusion: Number of images; a row for each true label, a column for each answer and one for faces not found.
        nll: Negative log-likelihood (natural logarithm) on the images whose face was found.
        ece: Calibration error on the images whose face was found; see `calibration_error`.
        ece_interval: Lower and upper end of the interval of `ece`; see `calibration_interval`.
        reliability: Mean confidence, accuracy and size of each of the bins of equal mass behind `ece`.
        unsure_below: Confidence below which the model's answer is called unsure.
        answered: Share of the images found whose answer is not unsure.
        accuracy_answered: Accuracy on the images whose answer is not unsure.
        unsure_at_90: Confidence from which on 90 % of the answers to public-test were correct; None if there is none.
        answered_at_90: Share of the images found with at least that confidence.
        accuracy_at_90: Accuracy on the images found with at least that confidence.
        selective: For rising confidences from 0: the confidence, the share of the images found that reach it, and the
            accuracy on those; the list ends where no image reaches the confidence.
        flat_accuracy: Accuracy of the answers under a flat prior, which counts every label as equally common; None, as
            the two figures that follow, where the model's priors are not known.
        flat_balanced_accuracy: Mean recall over the classes under a flat prior.
        flat_ece: Calibration error under a flat prior, with images weighted so that every label is equally common.
        dataset: Name of the dataset's file; empty in Reports of earlier versions.
    """

    split: str
    label_set: str
    n: int
    left_out: int
    coverage: float
    accuracy: float
    accuracy_interval: tuple[float, float]
    copies: dict[str, int]
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
    reliability: list[tuple[float, float, int]]
    unsure_below: float
    answered: float
    accuracy_answered: float
    unsure_at_90: float | None
    answered_at_90: float | None
    accuracy_at_90: float | None
    selective: list[tuple[float, float, float]]
    flat_accuracy: float | None = None
    flat_balanced_accuracy: float | None = None
    flat_ece: float | None = None
    dataset: str = ""

    @property
    def accuracy_where_found(self) -> float:
        """Accuracy on the images whose face was found; 0 if there are none."""
        return self.accuracy / self.coverage if self.coverage else 0.0

    def as_dict(self) -> dict:
        """Give the figures as plain JSON types, rounded to five decimals."""
        return _rounded(asdict(self))

    @classmethod
    def from_dict(cls, figures: Mapping[str, Any]) -> Report:
        """Make a Report from what `as_dict` wrote; further figures are ignored.

        Raises:
            TrainingError: A figure is missing, as in a card of an older version, or has another type.
        """
        try:
            return _REPORT.validate_python(figures)
        except ValidationError as error:
            raise TrainingError(
                f"a stored Report does not fit this version ({first_problem(error)}): run `python -m training "
                "evaluate` with --final for that model and split again"
            ) from None


def first_problem(error: ValidationError) -> str:
    """Say what is wrong with a stored file: the first field that does not fit, and why, in a few words."""
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, problem["loc"]))
    return f"{where!r:.60}: {problem['msg']:.100}" if where else f"{problem['msg']:.100}"


_REPORT = TypeAdapter(Report)


def make_report(
    split: str,
    labels: Sequence[str],
    y_true: np.ndarray,
    y_prob: np.ndarray,
    copies: Mapping[str, np.ndarray],
    *,
    label_set: str = "fer7",
    left_out: int = 0,
    unsure_below: float = 0.0,
    unsure_at_90: float | None = None,
    priors: Sequence[float] | None = None,
    dataset: str = "",
) -> Report:
    """Evaluate a model's answers to the images of a split.

    Args:
        split: Name of the split.
        labels: Names of the k classes.
        y_true: Int (n,), true classes.
        y_prob: Float (n, k), probabilities; a row of NaN is a face that was not found.
        copies: Bool (n,) by other split, the images whose pixels are also in that split.
        label_set: Name of the label set.
        left_out: Number of images of the split that have no true label and are not among the n.
        unsure_below: Confidence below which an answer is called unsure.
        unsure_at_90: Confidence from which on 90 % of the answers to public-test were correct, if there is one.
        priors: (k,), share of each label in training, if known.
        dataset: Name of the dataset's file.
    """
    found = is_answered(y_prob)
    y_pred = np.where(found, np.nan_to_num(y_prob, nan=-1.0).argmax(axis=1), len(labels))
    correct = y_pred == y_true
    confusion = np.zeros((len(labels), len(labels) + 1), dtype=int)
    np.add.at(confusion, (y_true, y_pred), 1)
    hits = confusion.diagonal()
    recall = _ratio(hits, confusion.sum(axis=1))
    precision = _ratio(hits, confusion.sum(axis=0)[:-1])
    f1 = _ratio(2 * precision * recall, precision + recall)
    occurs = confusion.sum(axis=1) > 0
    confidence, right = y_prob[found].max(axis=1, initial=0.0), correct[found]
    likelihood = y_prob[found, y_true[found]]
    answered, accuracy_answered = _at(unsure_below, confidence, right)
    error, bins = calibration_error(confidence, right), reliability(confidence, right)
    at_90 = (None, None) if unsure_at_90 is None else _at(unsure_at_90, confidence, right)
    return Report(
        split=split,
        label_set=label_set,
        n=len(y_true),
        left_out=left_out,
        coverage=_mean(found),
        accuracy=_mean(correct),
        accuracy_interval=interval(len(y_true), lambda rows: correct[rows].mean()),
        copies={name: int(is_copy.sum()) for name, is_copy in copies.items()},
        accuracy_without_copies=_mean(correct[~copies["training"]] if "training" in copies else correct),
        balanced_accuracy=_mean(recall[occurs]),
        macro_f1=_mean(f1[occurs]),
        precision=dict(zip(labels, precision, strict=True)),
        recall=dict(zip(labels, recall, strict=True)),
        f1=dict(zip(labels, f1, strict=True)),
        confusion=confusion.tolist(),
        nll=_mean(-np.log(np.maximum(likelihood, 1e-12))),
        ece=error,
        ece_interval=calibration_interval(error, bins),
        reliability=bins,
        unsure_below=unsure_below,
        answered=answered,
        accuracy_answered=accuracy_answered,
        unsure_at_90=unsure_at_90,
        answered_at_90=at_90[0],
        accuracy_at_90=at_90[1],
        selective=[(float(bar), *_at(bar, confidence, right)) for bar in _BARS if (confidence >= bar).any()],
        dataset=dataset,
        **({} if priors is None else _flat(y_true, y_prob, found, priors)),
    )


def _flat(y_true: np.ndarray, y_prob: np.ndarray, found: np.ndarray, priors: Sequence[float]) -> dict[str, float]:
    flat = flattened(y_prob[found], priors)
    right = np.zeros(len(y_true), dtype=bool)
    right[found] = flat.argmax(axis=1) == y_true[found]
    count, hits = np.bincount(y_true), np.bincount(y_true, right)
    rarity = 1 / count[y_true[found]]
    return {
        "flat_accuracy": _mean(right),
        "flat_balanced_accuracy": _mean(hits[count > 0] / count[count > 0]),
        "flat_ece": calibration_error(flat.max(axis=1, initial=0.0), right[found], weights=rarity),
    }


def _at(bar: float, confidence: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    sure = confidence >= bar
    return _mean(sure), _mean(right[sure])


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


def summary(model: str, report: Report) -> str:
    """Give the figures of one model as text, one figure a line."""
    low, high = report.accuracy_interval
    copies = ", ".join(f"{count} in {split}" for split, count in report.copies.items())
    left_out = f", {report.left_out} without a {report.label_set} label left out" if report.left_out else ""
    lines = [
        f"{model} on {report.split}: {report.n} images{left_out}",
        f"  accuracy           {report.accuracy:.2%}  (95% interval {low:.2%} to {high:.2%})",
        f"  faces found        {report.coverage:.2%}  ({report.accuracy_where_found:.2%} of them right)",
        f"  copies             {copies}",
        f"  without copies     {report.accuracy_without_copies:.2%}  (without those that are in training too)",
        f"  balanced accuracy  {report.balanced_accuracy:.2%}",
        f"  macro-F1           {report.macro_f1:.2%}",
        f"  log-likelihood     {-report.nll:.4f}",
        f"  calibration error  {report.ece:.2%}  ({report.ece_interval[0]:.2%} to {report.ece_interval[1]:.2%})",
        f"  answered           {report.answered:.2%}  at {report.unsure_below:.2f}, "
        f"{report.accuracy_answered:.2%} of them right",
    ]
    if report.unsure_at_90 is not None:
        lines.append(
            f"  for 90%            {report.answered_at_90:.2%}  at {report.unsure_at_90:.2f}, "
            f"{report.accuracy_at_90:.2%} of them right"
        )
    if report.flat_accuracy is not None:
        lines.append(
            f"  flat prior         {report.flat_accuracy:.2%}, balanced {report.flat_balanced_accuracy:.2%}, "
            f"calibration error {report.flat_ece:.2%}"
        )
    lines += [f"  F1 {label:<15} {value:.2%}" for label, value in report.f1.items()]
    return "\n".join(lines)
