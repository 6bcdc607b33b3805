"""Examination: one model on one split, with all that is drawn of it beside the Report; computed once, kept on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.cards import Card
from core.inference.artifact import Artifact
from core.labels import FER7
from core.runtime.files import replacing
from training.datasets.index import Rows
from training.errors import TrainingError
from training.evaluation.curves import Curves, make_curves, make_mistakes
from training.evaluation.measurement import Measurement, metrics_key, reports
from training.evaluation.predictions import Predictions, kept_path, predict
from training.evaluation.report import Report, interval
from training.features.extract import Progress

CACHE = Path("runs/examinations")
"""It may be deleted."""

_VERSION = 2  # raised when the figures in a kept file would come out differently


@dataclass(frozen=True)
class Examination:
    """What is known of one model's answers to one split in one label set.

    Of PrivateTest that is only what its stored Measurement holds: the other fields are empty there.

    Attributes:
        report: The figures.
        correct: Bool (n,), the images answered rightly, in the order of the file, what paired tests need; None where
            that is not stored.
        intervals: 95 % bootstrap intervals of `accuracy_without_copies` and `balanced_accuracy`, as far as the split
            has them.
        curves: For every threshold.
        mistakes: As `make_mistakes` gives them.
    """

    report: Report
    correct: np.ndarray | None
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    curves: Curves | None = None
    mistakes: pd.DataFrame | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types; `mistakes` by column."""
        return {
            "report": self.report.as_dict(),
            "correct": self.correct.astype(int).tolist(),
            "intervals": {name: [round(end, 5) for end in ends] for name, ends in self.intervals.items()},
            "curves": asdict(self.curves),
            "mistakes": self.mistakes.to_dict("list"),
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Examination:
        """What `as_dict` gave, through JSON."""
        return cls(
            report=Report.from_dict(told["report"]),
            correct=np.array(told["correct"], bool),
            intervals={name: tuple(ends) for name, ends in told["intervals"].items()},
            curves=Curves.from_dict(told["curves"]),
            mistakes=pd.DataFrame(told["mistakes"]),
        )


def examine(
    artifact: Artifact, dataset: Path, split: str, progress: Progress = lambda done, total: None
) -> dict[str, Examination]:
    """Ask a model about a split, or fetch what came of it the last time: by label set, the main one first.

    Args:
        artifact: The model.
        dataset: File that `training import` wrote.
        split: Any but `private-test`.
        progress: As `predict` calls it.

    Raises:
        DatasetError: the dataset cannot be used, or has no such split.
        TrainingError: it is PrivateTest, or what was found cannot be kept.
    """
    if split == "private-test":
        raise TrainingError(
            "private-test: no single answer is looked at there, so it has no curves and no mistakes; choose with "
            "public-test, and read its figures in docs/reports"
        )
    rows = Rows.load(dataset)
    if (found := kept(artifact.card, rows.hash, split)) is None:
        predictions = predict(artifact, dataset, split, progress=progress)
        numbers = np.flatnonzero((rows.splits == split) & (rows.labels < len(FER7)))  # those that `predict` answers
        found = _examined(artifact.card, predictions, numbers, split)
        save(found, _path(artifact.card, rows.hash, split))
    return found


def kept(card: Card, dataset: str, split: str) -> dict[str, Examination] | None:
    """What `examine` found for a model and a dataset (its hash), if it is on disk and whole."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, TrainingError):
        told = json.loads(_path(card, dataset, split).read_text(encoding="utf-8"))
        return {label_set: Examination.from_dict(fields) for label_set, fields in told.items()}
    return None


def final(measurement: Measurement) -> dict[str, Examination]:
    """The little that is to be seen of a stored measurement, by label set."""
    main = measurement.report
    found = {main.label_set: Examination(main, measurement.correct)}
    return found | {report.label_set: Examination(report, None) for report in measurement.other_reports}


def save(found: Mapping[str, Examination], path: Path) -> None:
    """Write one JSON object, an entry for each label set, whole or not at all.

    Raises:
        TrainingError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            told = {label_set: one.as_dict() for label_set, one in found.items()}
            partial.write_text(json.dumps(told) + "\n", encoding="utf-8")
    except OSError as error:
        raise TrainingError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from None


def _path(card: Card, dataset: str, split: str) -> Path:
    answers = kept_path(card, dataset, split, CACHE)
    return answers.with_name(f"{answers.stem}-{_VERSION}.json")


def _examined(card: Card, predictions: Predictions, numbers: np.ndarray, split: str) -> dict[str, Examination]:
    found = {}
    made = reports(card, predictions, split)
    for number, (label_set, output) in enumerate(card.outputs.items()):
        report = made.get(metrics_key(split, label_set if number else None))
        if report is None:
            continue
        rows = predictions.truth[label_set] >= 0
        truth, probabilities = predictions.truth[label_set][rows], predictions.probabilities[label_set][rows]
        correct = predictions.correct(label_set)[rows]
        copies = {name: is_copy[rows] for name, is_copy in predictions.copies.items()}
        found[label_set] = Examination(
            report=report,
            correct=correct,
            intervals=_intervals(truth, correct, copies.get("training")),
            curves=make_curves(output.labels, truth, probabilities, output.temperature),
            mistakes=make_mistakes(output.labels, numbers[rows], truth, probabilities),
        )
    return found


def _intervals(truth: np.ndarray, correct: np.ndarray, leaked: np.ndarray | None) -> dict[str, tuple[float, float]]:
    def balanced(rows: np.ndarray) -> float:
        images, hits = np.bincount(truth[rows]), np.bincount(truth[rows], correct[rows])
        return (hits[images > 0] / images[images > 0]).mean()

    found = {"balanced_accuracy": interval(len(truth), balanced)}
    if leaked is not None:
        own = correct[~leaked]
        found["accuracy_without_copies"] = interval(len(own), lambda rows: own[rows].mean())
    return found
