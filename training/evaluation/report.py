"""Report: every figure of one evaluation. Pages and cards show it; nothing recomputes a figure for display."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

import numpy as np

from core.corrections import flattened
from training.errors import TrainingError
from training.evaluation.calibration import calibration_error, reliability

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


_BARS = np.arange(20) / 20  # confidences at which a Report says what asking for them would give


@dataclass(frozen=True)
class Report:
    """Figures of one model on one split; shares and errors are 0 to 1, intervals are 95 % bootstrap ones.

    Attributes:
        split: What it was measured on.
        label_set: Whose labels were the truth.
        n: Images, every one counted: a face that was not found is an error.
        left_out: Images of the split that have no truth in this label set (FER+: no majority, unknown, not a face).
        coverage: Share of the images whose face was found.
        accuracy: Share answered rightly.
        accuracy_interval: Its interval.
        copies: Images whose pixels also stand in another split, by that split.
        accuracy_without_copies: Accuracy on those that do not stand in Training.
        balanced_accuracy: Mean recall of the classes.
        macro_f1: Mean F1 of the classes.
        precision: By label.
        recall: By label.
        f1: By label.
        confusion: Rows are true labels, columns answers; the last column counts faces not found.
        nll: Negative log-likelihood, natural logarithm, of the images found.
        ece: Calibration error as `calibration_error` gives it, of the images found.
        ece_interval: Its interval.
        reliability: Mean confidence, accuracy and size of the bins of equal mass behind `ece`.
        unsure_below: The confidence under which the model would rather not say.
        answered: Share of the images found on which it is not unsure.
        accuracy_answered: Accuracy on those.
        unsure_at_90: The confidence above which 90 % of its answers to PublicTest were right; None if there is none.
        answered_at_90: Share of the images found with that confidence.
        accuracy_at_90: Accuracy on those.
        selective: For confidences from 0 up: the confidence, the share of the images found that have it, the accuracy
            on them; where nobody has it the list ends.
        flat_accuracy: Accuracy of the answers that count every label as equally common; None where the model's priors
            are not known, as with the two figures that follow.
        flat_balanced_accuracy: Mean recall of the classes with those answers.
        flat_ece: Their calibration error, images weighted so that every label is equally common among them too.
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

    @property
    def accuracy_where_found(self) -> float:
        """Accuracy on the images whose face was found; 0 if there are none."""
        return self.accuracy / self.coverage if self.coverage else 0.0

    def as_dict(self) -> dict:
        """Plain JSON types, figures to five decimals."""
        return _rounded(asdict(self))

    @classmethod
    def from_dict(cls, figures: Mapping[str, Any]) -> Report:
        """The Report that `as_dict` wrote.

        Raises:
            TrainingError: a figure is missing, as in the cards of an older version.
        """
        if missing := [each.name for each in fields(cls) if each.name not in figures and each.default is MISSING]:
            raise TrainingError(
                f"a stored Report lacks {missing[0]!r}: an older version made it; run `python -m training evaluate` "
                "with --final for that model and split again"
            )
        known = {each.name: figures[each.name] for each in fields(cls) if each.name in figures}
        pairs = {name: tuple(known[name]) for name in ("accuracy_interval", "ece_interval")}
        rows = {name: [tuple(row) for row in known[name]] for name in ("reliability", "selective")}
        return cls(**known | pairs | rows)


def make_report(
    split: str,
    labels: Sequence[str],
    truth: np.ndarray,
    probabilities: np.ndarray,
    copies: Mapping[str, np.ndarray],
    *,
    label_set: str = "fer7",
    left_out: int = 0,
    unsure_below: float = 0.0,
    unsure_at_90: float | None = None,
    priors: Sequence[float] | None = None,
) -> Report:
    """Evaluate answers.

    Args:
        split: Name of what they were given on.
        labels: Names of the k classes.
        truth: Int (n,).
        probabilities: (n, k); a row of NaN is a face that was not found.
        copies: By other split, bool (n,): images that also stand there.
        label_set: Name of the label set.
        left_out: Images of the split that have no truth, and are not among the n.
        unsure_below: Confidence under which the model would rather not say.
        unsure_at_90: Confidence above which it was right on 90 % of PublicTest, if there is one.
        priors: (k,), how common each label was in training, if that is known.
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
    likelihood = probabilities[found, truth[found]]
    answered, accuracy_answered = _at(unsure_below, confidence, right)
    at_90 = (None, None) if unsure_at_90 is None else _at(unsure_at_90, confidence, right)
    return Report(
        split=split,
        label_set=label_set,
        n=len(truth),
        left_out=left_out,
        coverage=_mean(found),
        accuracy=_mean(correct),
        accuracy_interval=interval(len(truth), lambda rows: correct[rows].mean()),
        copies={name: int(is_copy.sum()) for name, is_copy in copies.items()},
        accuracy_without_copies=_mean(correct[~copies["training"]] if "training" in copies else correct),
        balanced_accuracy=_mean(recall[seen]),
        macro_f1=_mean(f1[seen]),
        precision=dict(zip(labels, precision, strict=True)),
        recall=dict(zip(labels, recall, strict=True)),
        f1=dict(zip(labels, f1, strict=True)),
        confusion=confusion.tolist(),
        nll=_mean(-np.log(np.maximum(likelihood, 1e-12))),
        ece=calibration_error(confidence, right),
        ece_interval=interval(found.sum(), lambda rows: calibration_error(confidence[rows], right[rows])),
        reliability=reliability(confidence, right),
        unsure_below=unsure_below,
        answered=answered,
        accuracy_answered=accuracy_answered,
        unsure_at_90=unsure_at_90,
        answered_at_90=at_90[0],
        accuracy_at_90=at_90[1],
        selective=[(float(bar), *_at(bar, confidence, right)) for bar in _BARS if (confidence >= bar).any()],
        **({} if priors is None else _flat(truth, probabilities, found, priors)),
    )


def _flat(truth: np.ndarray, probabilities: np.ndarray, found: np.ndarray, priors: Sequence[float]) -> dict[str, float]:
    flat = flattened(probabilities[found], priors)
    right = np.zeros(len(truth), dtype=bool)
    right[found] = flat.argmax(axis=1) == truth[found]
    count, hits = np.bincount(truth), np.bincount(truth, right)
    rarity = 1 / count[truth[found]]
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
    """The figures of one model, one a line."""
    low, high = report.accuracy_interval
    copies = ", ".join(f"{count} in {split}" for split, count in report.copies.items())
    left_out = f", {report.left_out} without a {report.label_set} label left out" if report.left_out else ""
    lines = [
        f"{model} on {report.split}: {report.n} images{left_out}",
        f"  accuracy           {report.accuracy:.2%}  (95 % interval {low:.2%} to {high:.2%})",
        f"  faces found        {report.coverage:.2%}  ({report.accuracy_where_found:.2%} of them right)",
        f"  copies             {copies}",
        f"  without copies     {report.accuracy_without_copies:.2%}  (without those that stand in training)",
        f"  balanced accuracy  {report.balanced_accuracy:.2%}",
        f"  macro-F1           {report.macro_f1:.2%}",
        f"  log-likelihood     {-report.nll:.4f}",
        f"  calibration error  {report.ece:.2%}  ({report.ece_interval[0]:.2%} to {report.ece_interval[1]:.2%})",
        f"  answered           {report.answered:.2%}  at {report.unsure_below:.2f}, "
        f"{report.accuracy_answered:.2%} of them right",
    ]
    if report.unsure_at_90 is not None:
        lines.append(
            f"  for 90 %           {report.answered_at_90:.2%}  at {report.unsure_at_90:.2f}, "
            f"{report.accuracy_at_90:.2%} of them right"
        )
    if report.flat_accuracy is not None:
        lines.append(
            f"  flat prior         {report.flat_accuracy:.2%}, balanced {report.flat_balanced_accuracy:.2%}, "
            f"calibration error {report.flat_ece:.2%}"
        )
    lines += [f"  F1 {label:<15} {value:.2%}" for label, value in report.f1.items()]
    return "\n".join(lines)
