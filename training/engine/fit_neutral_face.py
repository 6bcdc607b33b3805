"""Measuring the blendshapes of neutral faces, which `core.explain` compares a face with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.faces.mesh_topology import MOVEMENT_NAMES
from core.features import FEATURES
from core.labels import FER7
from core.runtime.files import write_whole
from training.errors import DatasetError
from training.features.cached import features_of


def write_neutral_movements(dataset: Path, out: Path) -> int:
    """Write the mean and standard deviation of each blendshape over the neutral Training faces of a dataset as csv.

    Returns:
        Number of faces.

    Raises:
        DatasetError: The file cannot be used, or has no such face.
    """
    rows, blendshapes, found = features_of(FEATURES["blendshapes"], dataset, ("training",))
    neutral = blendshapes[rows.labels[found] == FER7.index("neutral")]
    if not len(neutral):
        raise DatasetError(f"{dataset}: no neutral face with a mesh in its Training split; give another dataset")
    columns = zip(
        MOVEMENT_NAMES, neutral.mean(axis=0, dtype=np.float64), neutral.std(axis=0, dtype=np.float64), strict=True
    )
    lines = ["movement,mean,spread", *(f"{name},{mean:.5f},{spread:.5f}" for name, mean, spread in columns)]
    write_whole(out, "\n".join(lines) + "\n")
    return len(neutral)
