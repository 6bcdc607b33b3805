"""Measurement: one model evaluated on one split, with its size and its speed, as docs/reports keeps it."""

from __future__ import annotations

import base64
import json
import os
import statistics
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import Base64Bytes, TypeAdapter, ValidationError, with_config

from core.cards import Card
from core.inference.artifact import MODEL_FILE, Artifact
from core.labels import is_answered
from core.runtime.files import write_whole
from training.datasets import dataset_hash
from training.errors import TrainingError
from training.evaluation.calibration import threshold_for
from training.evaluation.predictions import Predictions, predict
from training.evaluation.report import Report, first_problem, make_report


def evaluate(artifact: Artifact, dataset: Path, split: str) -> Report:
    """Evaluate a model, as it is served, on one split of a dataset file, in its main label set.

    Raises:
        DatasetError: The file cannot be used, or has no such split.
    """
    return reports(artifact.card, predict(artifact, dataset, split), split, dataset.name)[metrics_key(split)]


def metrics_key(split: str, label_set: str | None = None) -> str:
    """Name of a Report in a card: `private_test` in the main label set, `private_test_ferplus8` in another."""
    key = split.replace("-", "_")
    return f"{key}_{label_set}" if label_set else key


def reports(card: Card, predictions: Predictions, split: str, dataset: str = "") -> dict[str, Report]:
    """Make a Report for each label set that the model answers in, by `metrics_key`, the main one first.

    Images without a true label in a label set are left out of its Report and counted there. A label set in which no
    image has a true label (FER+'s, where the dataset has no votes) gets no Report. The confidence for 90% accuracy is
    chosen on public-test without copies; for every other split the card gives it. `dataset` is the name of its file.
    """
    made = {}
    for number, (label_set, output) in enumerate(card.outputs.items()):
        y_true, y_prob = predictions.y_true[label_set], predictions.y_prob[label_set]
        rows = y_true >= 0
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
            y_true[rows],
            y_prob[rows],
            {name: is_copy[rows] for name, is_copy in predictions.copies.items()},
            label_set=label_set,
            left_out=int((~rows).sum()),
            unsure_below=output.unsure_below,
            unsure_at_90=unsure_at_90,
            priors=card.data.get("priors", {}).get(label_set),
            dataset=dataset,
        )
    return made


def _unsure_at_90(predictions: Predictions, label_set: str) -> float | None:
    y_prob = predictions.y_prob[label_set]
    rows = ~predictions.is_copy & (predictions.y_true[label_set] >= 0) & is_answered(y_prob)
    return threshold_for(y_prob[rows].max(axis=1), predictions.correct(label_set)[rows])


_ROUNDS, _CALLS = 21, 10


def milliseconds_a_face(folder: Path) -> float:
    """Processor time of one answer to one face on one thread, without the feature: the median of 21 rounds.

    On an idle machine it is the elapsed time; other work on the machine hardly changes it.
    """
    artifact = Artifact(folder, threads=1)
    face = artifact.probe()[None]
    rounds = []
    for _ in range(_ROUNDS + 1):  # the first round warms up and is not counted
        start = time.thread_time()
        for _ in range(_CALLS):
            artifact.predict(face)
        rounds.append((time.thread_time() - start) / _CALLS)
    return 1000 * statistics.median(rounds[1:])


def size_bytes(card: Card) -> int:
    """Size in bytes of the file that is served, without the weights kept for more training."""
    return next(iter(card.files.values()))["bytes"]


def megabytes(card: Card) -> str:
    """Size of the file that is served, as text such as `1.3 MB`."""
    return f"{size_bytes(card) / 1e6:.1f} MB"


def parameters(folder: Path, card: Card) -> int | None:
    """Number of trained parameters, from the card or else from the served network; None if it is no network.

    The served network has fewer: batch normalisation is folded into the convolutions before it.
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
"""Folder of the committed measurements, one file for each model, also for models that are too large for git."""


@dataclass(frozen=True)
class Measurement:
    """One model, measured on one split.

    Attributes:
        card: The model's card, with the split's Reports among its metrics.
        split: Name of the split.
        dataset: Hash of the dataset.
        parameters: Number of trained parameters; None if the model is no network.
        milliseconds: Median processor time of one answer on one thread, without the feature.
        correct: Bool (n,), which images were answered correctly in the main label set, in the order of the dataset.
    """

    card: Card
    split: str
    dataset: str
    parameters: int | None
    milliseconds: float
    correct: np.ndarray

    @property
    def report(self) -> Report:
        """The Report in the model's main label set."""
        return Report.from_dict(self.card.metrics[metrics_key(self.split)])

    @property
    def other_reports(self) -> list[Report]:
        """The Reports in the further label sets that the model answers in."""
        keys = [metrics_key(self.split, label_set) for label_set in list(self.card.outputs)[1:]]
        return [Report.from_dict(self.card.metrics[key]) for key in keys if key in self.card.metrics]

    def save(self, folder: Path | None = None) -> Path:
        """Write `NAME.json` in a folder (`FOLDER` if not given), whole or not at all, and return its path."""
        path = (folder or FOLDER) / f"{self.card.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        fields = vars(self) | {
            "card": asdict(self.card),
            "milliseconds": round(self.milliseconds, 3),
            "correct": base64.b64encode(np.packbits(self.correct).tobytes()).decode(),
        }
        write_whole(path, json.dumps(fields, indent=1) + "\n")
        return path

    @classmethod
    def load(cls, path: Path) -> Measurement:
        """Read a file that `save` wrote.

        Raises:
            TrainingError: The file cannot be read, or is damaged.
        """
        try:
            told = _STORED.validate_json(path.read_bytes())
            bits = np.unpackbits(np.frombuffer(told.correct, np.uint8))
            n = told.card.metrics[metrics_key(told.split)]["n"]
            if not 0 <= len(bits) - n < 8:
                raise ValueError("not one bit for each image")
            return cls(**vars(told) | {"correct": bits[:n].astype(bool)})
        except ValidationError as error:
            reason = first_problem(error)
        except (OSError, ValueError, TypeError, KeyError) as error:
            reason = repr(error)
        raise TrainingError(f"{path}: not a stored measurement ({reason:.200}); restore or delete it")


@with_config(allow_inf_nan=False)
@dataclass(frozen=True)
class _Stored:
    """The JSON object that a Measurement is stored as: `correct` is packed to bits, in base 64."""

    card: Card
    split: str
    dataset: str
    parameters: int | None
    milliseconds: float
    correct: Base64Bytes


_STORED = TypeAdapter(_Stored)


def measure(folder: Path, dataset: Path, split: str) -> Measurement:
    """Evaluate an installed model on a split, as it is served, and time it.

    Raises:
        DatasetError: The dataset cannot be used, or has no such split.
    """
    artifact = Artifact(folder, threads=os.cpu_count() or 1)
    predictions = predict(artifact, dataset, split)
    made = {key: report.as_dict() for key, report in reports(artifact.card, predictions, split, dataset.name).items()}
    return Measurement(
        card=replace(artifact.card, metrics=dict(artifact.card.metrics) | made),
        split=split,
        dataset=dataset_hash(dataset),
        parameters=parameters(folder, artifact.card),
        milliseconds=milliseconds_a_face(folder),
        correct=predictions.correct(next(iter(artifact.card.outputs))),
    )


def stored(folder: Path | None = None) -> list[Measurement]:
    """Read all measurements in a folder (`FOLDER` if not given), sorted by name.

    Raises:
        TrainingError: A file is damaged.
    """
    return [Measurement.load(path) for path in sorted((folder or FOLDER).glob("*.json"))]
