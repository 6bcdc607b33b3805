"""Analysis: one model on one split, with the curves and all answers beside the Report; computed once, kept on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from core.cards import Card
from core.inference.artifact import Artifact
from core.labels import FER7
from core.runtime.files import write_whole
from training.datasets.index import Rows
from training.errors import TrainingError
from training.evaluation.curves import Curves, make_answers, make_curves, mistakes_in
from training.evaluation.measurement import Measurement, metrics_key, reports
from training.evaluation.predictions import Predictions, kept_path, predict
from training.evaluation.report import Report, interval
from training.features.extract import Progress

CACHE = Path("runs/examinations")
"""Folder in which analyses are kept; it may be deleted."""

_VERSION = 3  # to be raised when the figures in a kept file would come out differently


@dataclass(frozen=True)
class Analysis:
    """Everything known about one model's answers to one split in one label set.

    On PrivateTest that is only what the stored Measurement holds: the other fields are empty.

    Attributes:
        report: The Report.
        correct: Bool (n,), which images were answered correctly, in the order of the dataset file, for paired tests;
            None where that is not stored.
        intervals: 95 % bootstrap intervals of `accuracy_without_copies` and `balanced_accuracy`, if the split has them.
        curves: ROC, precision-recall and calibration before the temperature.
        answers: Table of the answers to all images; see `make_answers`.
    """

    report: Report
    correct: np.ndarray | None
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    curves: Curves | None = None
    answers: pd.DataFrame | None = None

    @property
    def mistakes(self) -> pd.DataFrame | None:
        """The wrong answers, a part of `answers`."""
        return None if self.answers is None else mistakes_in(self.answers)

    def as_dict(self) -> dict[str, Any]:
        """Give the analysis as plain JSON types, `answers` by column."""
        return {
            "report": self.report.as_dict(),
            "correct": self.correct.astype(int).tolist(),
            "intervals": {name: [round(end, 5) for end in ends] for name, ends in self.intervals.items()},
            "curves": asdict(self.curves),
            "answers": self.answers.to_dict("list"),
        }


@dataclass(frozen=True)
class _Stored:
    """The JSON object that `Analysis.as_dict` makes."""

    report: Report
    correct: list[bool]
    intervals: dict[str, tuple[float, float]]
    curves: Curves
    answers: dict[str, list]


_STORED = TypeAdapter(dict[str, _Stored])


def analyse(
    artifact: Artifact, dataset: Path, split: str, progress: Progress = lambda done, total: None
) -> dict[str, Analysis]:
    """Analyse a model's answers to a split, or read the analysis that is kept: by label set, the main one first.

    Args:
        artifact: The model.
        dataset: File that `training import` wrote.
        split: Name of the split, which must not be `private-test`.
        progress: Function called as `predict` calls it.

    Raises:
        DatasetError: The dataset cannot be used, or has no such split.
        TrainingError: The split is PrivateTest, or the analysis cannot be kept.
    """
    if split == "private-test":
        raise TrainingError(
            "private-test: single answers to it are not shown, so it has no curves and no mistakes; choose with "
            "public-test, and read the figures of private-test in docs/reports"
        )
    rows = Rows.load(dataset)
    if (found := load_analyses(artifact.card, rows.hash, split)) is None:
        predictions = predict(artifact, dataset, split, progress=progress, published=True)
        numbers = np.flatnonzero((rows.splits == split) & (rows.labels < len(FER7)))  # those that `predict` answers
        found = _analyses(artifact.card, predictions, numbers, split)
        save_analyses(found, _path(artifact.card, rows.hash, split))
    return found


def load_analyses(card: Card, dataset: str, split: str) -> dict[str, Analysis] | None:
    """Read what `analyse` kept for a model and a dataset (given by its hash); None if it is not there or damaged."""
    with suppress(OSError, ValueError):
        told = _STORED.validate_json(_path(card, dataset, split).read_bytes())
        return {
            label_set: Analysis(
                **vars(one) | {"correct": np.array(one.correct, bool), "answers": pd.DataFrame(one.answers)}
            )
            for label_set, one in told.items()
        }
    return None


def save_analyses(found: Mapping[str, Analysis], path: Path) -> None:
    """Write analyses as one JSON object, an entry for each label set, whole or not at all.

    Raises:
        TrainingError: The file cannot be written.
    """
    told = {label_set: one.as_dict() for label_set, one in found.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(told) + "\n")
    except OSError as error:
        raise TrainingError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from None


def analyses_of(measurement: Measurement) -> dict[str, Analysis]:
    """Give what a stored measurement holds, by label set: the Reports, and which images were answered correctly."""
    main = measurement.report
    found = {main.label_set: Analysis(main, measurement.correct)}
    return found | {report.label_set: Analysis(report, None) for report in measurement.other_reports}


def _path(card: Card, dataset: str, split: str) -> Path:
    answers = kept_path(card, dataset, split, CACHE)
    return answers.with_name(f"{answers.stem}-{_VERSION}.json")


def _analyses(card: Card, predictions: Predictions, numbers: np.ndarray, split: str) -> dict[str, Analysis]:
    found = {}
    made = reports(card, predictions, split)
    for number, (label_set, output) in enumerate(card.outputs.items()):
        report = made.get(metrics_key(split, label_set if number else None))
        if report is None:
            continue
        rows = predictions.y_true[label_set] >= 0
        y_true, y_prob = predictions.y_true[label_set][rows], predictions.y_prob[label_set][rows]
        correct = predictions.correct(label_set)[rows]
        copies = {name: is_copy[rows] for name, is_copy in predictions.copies.items()}
        found[label_set] = Analysis(
            report=report,
            correct=correct,
            intervals=_intervals(y_true, correct, copies.get("training")),
            curves=make_curves(output.labels, y_true, y_prob, output.temperature),
            answers=make_answers(output.labels, numbers[rows], y_true, y_prob),
        )
    return found


def _intervals(y_true: np.ndarray, correct: np.ndarray, is_copy: np.ndarray | None) -> dict[str, tuple[float, float]]:
    def balanced(rows: np.ndarray) -> float:
        images, hits = np.bincount(y_true[rows]), np.bincount(y_true[rows], correct[rows])
        return (hits[images > 0] / images[images > 0]).mean()

    found = {"balanced_accuracy": interval(len(y_true), balanced)}
    if is_copy is not None:
        own = correct[~is_copy]
        found["accuracy_without_copies"] = interval(len(own), lambda rows: own[rows].mean())
    return found
