"""Measurement: one model, measured on one split, and what is published of it."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card, Output
from core.inference.artifact import Artifact
from training.datasets import dataset_hash
from training.errors import TrainingError
from training.evaluate import metrics_key, reports
from training.predictions import predict
from training.report import Report
from training.speed import milliseconds_a_face, parameters

FOLDER = Path("docs/reports")
"""Committed, one file a model: also of models that are too large for git and are rebuilt by their command."""


@dataclass(frozen=True)
class Measurement:
    """One model, measured on one split.

    Attributes:
        card: The model's, with the split's Reports among its metrics.
        split: What it was measured on.
        dataset: Hash of the dataset.
        parameters: Numbers that were learnt; None for what is no network.
        milliseconds: Median of one answer on one thread, the model alone.
        correct: Bool (n,), the images answered rightly, in the dataset's order: what paired tests need.
    """

    card: Card
    split: str
    dataset: str
    parameters: int | None
    milliseconds: float
    correct: np.ndarray

    @property
    def report(self) -> Report:
        """Of the model's main labels."""
        return Report.from_dict(self.card.metrics[metrics_key(self.split)])

    @property
    def other_reports(self) -> list[Report]:
        """Of the further label sets that it answers in."""
        keys = [metrics_key(self.split, label_set) for label_set in list(self.card.outputs)[1:]]
        return [Report.from_dict(self.card.metrics[key]) for key in keys if key in self.card.metrics]

    def save(self, folder: Path | None = None) -> Path:
        """Write it to `NAME.json` in a folder (`FOLDER` if not given), whole or not at all."""
        path = (folder or FOLDER) / f"{self.card.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        fields = vars(self) | {
            "card": asdict(self.card),
            "milliseconds": round(self.milliseconds, 3),
            "correct": base64.b64encode(np.packbits(self.correct).tobytes()).decode(),
        }
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        partial.write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)
        return path

    @classmethod
    def load(cls, path: Path) -> Measurement:
        """Read a file that `save` wrote.

        Raises:
            TrainingError: it is no such file.
        """
        try:
            fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            told = fields["card"]
            card = Card(**told | {"outputs": {name: _output(output) for name, output in told["outputs"].items()}})
            bits = np.unpackbits(np.frombuffer(base64.b64decode(fields["correct"], validate=True), np.uint8))
            correct = bits[: card.metrics[metrics_key(fields["split"])]["n"]].astype(bool)
            return cls(**fields | {"card": card, "correct": correct})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TrainingError(f"{path}: not a stored measurement ({error!r:.80}); restore or delete it") from None


def _output(fields: dict[str, Any]) -> Output:
    return Output(**fields | {"labels": tuple(fields["labels"])})


def measure(folder: Path, dataset: Path, split: str) -> Measurement:
    """Run an installed model over a split as it is served, count every image, and time it.

    Raises:
        DatasetError: the dataset cannot be used, or has no such split.
    """
    artifact = Artifact(folder, threads=os.cpu_count() or 1)
    predictions = predict(artifact, dataset, split)
    made = {key: report.as_dict() for key, report in reports(artifact.card, predictions, split).items()}
    return Measurement(
        card=replace(artifact.card, metrics=dict(artifact.card.metrics) | made),
        split=split,
        dataset=dataset_hash(dataset),
        parameters=parameters(folder, artifact.card),
        milliseconds=milliseconds_a_face(folder),
        correct=predictions.correct(next(iter(artifact.card.outputs))),
    )


def stored(folder: Path | None = None) -> list[Measurement]:
    """All measurements in a folder (`FOLDER` if not given), by name."""
    return [Measurement.load(path) for path in sorted((folder or FOLDER).glob("*.json"))]
