"""Measurement: one model, measured on one split, and what is published of it."""

from __future__ import annotations

import base64
import json
import os
import statistics
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card, Output
from core.inference.artifact import MODEL_FILE, Artifact
from core.labels import is_answered
from training.datasets import dataset_hash
from training.errors import TrainingError
from training.evaluation.calibration import threshold_for
from training.evaluation.predictions import Predictions, predict
from training.evaluation.report import Report, make_report


def evaluate(artifact: Artifact, dataset: Path, split: str) -> Report:
    """Run a model as it is served over one split of a dataset file, and count every image, by its main labels.

    Raises:
        DatasetError: the file cannot be used, or has no such split.
    """
    return reports(artifact.card, predict(artifact, dataset, split), split)[metrics_key(split)]


def metrics_key(split: str, label_set: str | None = None) -> str:
    """Under which a card keeps a Report: `private_test` for its main labels, `private_test_ferplus8` for others."""
    key = split.replace("-", "_")
    return f"{key}_{label_set}" if label_set else key


def reports(card: Card, predictions: Predictions, split: str) -> dict[str, Report]:
    """A Report for each label set that the model answers in, by `metrics_key`, the main one first.

    Images without a truth in a label set are left out of its Report and counted there; a label set in which no image
    has a truth (FER+'s, where the dataset has no votes) gets none. On PublicTest the confidence for 90 % accuracy is
    chosen, without its copies of the other splits; for every other split it is the one that the card has from there.
    """
    made = {}
    for number, (label_set, output) in enumerate(card.outputs.items()):
        truth, probabilities = predictions.truth[label_set], predictions.probabilities[label_set]
        rows = truth >= 0
        if not rows.any() and number:
            continue
        suffix = label_set if number else None
        if split == "public-test":
            unsure_at_90 = _unsure_at_90(predictions, label_set)
        else:
            unsure_at_90 = card.metrics.get(metrics_key("public-test", suffix), {}).get("unsure_at_90")
        made[metrics_key(split, suffix)] = make_report(
            split,
            output.labels,
            truth[rows],
            probabilities[rows],
            {name: is_copy[rows] for name, is_copy in predictions.copies.items()},
            label_set=label_set,
            left_out=int((~rows).sum()),
            unsure_below=output.unsure_below,
            unsure_at_90=unsure_at_90,
            priors=card.data.get("priors", {}).get(label_set),
        )
    return made


def _unsure_at_90(predictions: Predictions, label_set: str) -> float | None:
    probabilities = predictions.probabilities[label_set]
    rows = ~predictions.is_copy & (predictions.truth[label_set] >= 0) & is_answered(probabilities)
    return threshold_for(probabilities[rows].max(axis=1), predictions.correct(label_set)[rows])


_ROUNDS, _LOOKS = 21, 10


def milliseconds_a_face(folder: Path) -> float:
    """Processor time of one answer to one face on one thread: the median of 21 rounds, the model alone.

    It is what a clock on the wall shows on an idle machine, and other work on the machine hardly changes it.
    """
    artifact = Artifact(folder, threads=1)
    face = artifact.probe()[None]
    rounds = []
    for _ in range(_ROUNDS + 1):  # the first one warms up
        start = time.thread_time()
        for _ in range(_LOOKS):
            artifact.predict(face)
        rounds.append((time.thread_time() - start) / _LOOKS)
    return 1000 * statistics.median(rounds[1:])


def size_bytes(card: Card) -> int:
    """Size of the file that is served; weights kept for more training lie beside it."""
    return next(iter(card.files.values()))["bytes"]


def megabytes(card: Card) -> str:
    """The same, for people."""
    return f"{size_bytes(card) / 1e6:.1f} MB"


def parameters(folder: Path, card: Card) -> int | None:
    """Numbers that were learnt, as the card says or else as the served network holds them; None if it is no network.

    In a served network the batch normalisation has been folded into the convolutions before it.
    """
    if "parameters" in card.data:
        return int(card.data["parameters"])
    return _constants(folder / MODEL_FILE) if (folder / MODEL_FILE).is_file() else None


def _constants(path: Path) -> int:
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(model_path=str(path))
    made = {int(tensor) for operation in network._get_ops_details() for tensor in operation["outputs"]}
    made |= {entry["index"] for entry in network.get_input_details()}
    return sum(
        int(np.prod(tensor["shape"]))
        for tensor in network.get_tensor_details()
        if tensor["index"] not in made and tensor["dtype"] in (np.float16, np.float32, np.int8)
    )


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
