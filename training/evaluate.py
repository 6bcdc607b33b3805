"""Artifact and split -> Report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.artifacts import Artifact
from training.datasets import Dataset
from training.features import compute
from training.report import Report, make_report


def evaluate(artifact: Artifact, dataset: Path, split: str) -> Report:
    """Run a model as it is served over one split of a dataset file, and count every image.

    Raises:
        DatasetError: the file cannot be used, or has no such split.
    """
    rows = Dataset.load(dataset, (split,))
    label_set, output = next(iter(artifact.card.outputs.items()))
    features, found = compute(artifact.feature, rows)
    probabilities = np.full((len(rows), len(output.labels)), np.nan)
    probabilities[found] = np.exp(artifact.predict(features)[label_set])
    copies = np.zeros(len(rows), bool) if split == "training" else rows.hashes_in(dataset, "training")
    return make_report(split, output.labels, rows.labels, probabilities, copies, output.unsure_below)
