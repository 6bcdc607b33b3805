"""Measuring neutral faces: their movements, which `core.explain` compares with, and their shape, for head poses."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.faces.mesh_topology import MOVEMENT_NAMES, mirrored_points
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
    neutral = _of_neutral_faces("blendshapes", dataset)
    columns = zip(
        MOVEMENT_NAMES, neutral.mean(axis=0, dtype=np.float64), neutral.std(axis=0, dtype=np.float64), strict=True
    )
    lines = ["movement,mean,spread", *(f"{name},{mean:.5f},{spread:.5f}" for name, mean, spread in columns)]
    write_whole(out, "\n".join(lines) + "\n")
    return len(neutral)


def write_standard_face(dataset: Path, out: Path) -> int:
    """Write the median of the meshes of neutral Training faces and of their mirror images as csv.

    Returns:
        Number of faces.

    Raises:
        DatasetError: The file cannot be used, or has no such face.
    """
    neutral = _of_neutral_faces("mesh", dataset)
    mirrored = neutral[:, mirrored_points()] * np.float32((-1, 1, 1))
    face = np.median(np.concatenate([neutral, mirrored]), axis=0) + 0.0  # no -0.0
    write_whole(out, "\n".join(["x,y,z", *(f"{x:.4f},{y:.4f},{z:.4f}" for x, y, z in face)]) + "\n")
    return len(neutral)


def _of_neutral_faces(feature: str, dataset: Path) -> np.ndarray:
    """The values of a feature of the dataset's neutral Training faces, (n, ...)."""
    rows, values, found = features_of(FEATURES[feature], dataset, ("training",))
    neutral = values[rows.labels[found] == FER7.index("neutral")]
    if not len(neutral):
        raise DatasetError(f"{dataset}: no neutral face with a mesh in its Training split; give another dataset")
    return neutral
