"""Artifact and split -> Reports."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.cards import Card
from core.inference.artifact import Artifact
from training.calibration import threshold_for
from training.predictions import Predictions, predict
from training.report import Report, make_report


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
    is_copy = np.any(list(predictions.copies.values()), axis=0)
    rows = ~is_copy & (predictions.truth[label_set] >= 0) & ~np.isnan(probabilities).any(axis=1)
    return threshold_for(probabilities[rows].max(axis=1), predictions.correct(label_set)[rows])
