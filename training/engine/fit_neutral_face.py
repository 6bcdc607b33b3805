"""The movements of neutral faces: what `core.explain` compares a face with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.faces.mesh_topology import MOVEMENT_NAMES
from core.features import FEATURES
from core.labels import FER7
from core.runtime.files import replacing
from training.errors import DatasetError
from training.features.cached import features_of


def write_neutral_movements(dataset: Path, out: Path) -> int:
    """Write each blendshape's mean and standard deviation over the neutral Training faces of a dataset file, as csv.

    Returns:
        How many faces those are.

    Raises:
        DatasetError: the file cannot be used, or has no such face.
    """
    rows, blendshapes, found = features_of(FEATURES["blendshapes"], dataset, ("training",))
    neutral = blendshapes[rows.labels[found] == FER7.index("neutral")]
    if not len(neutral):
        raise DatasetError(f"{dataset}: no neutral face with a mesh in its Training split")
    columns = zip(
        MOVEMENT_NAMES, neutral.mean(axis=0, dtype=np.float64), neutral.std(axis=0, dtype=np.float64), strict=True
    )
    lines = ["movement,mean,spread", *(f"{name},{mean:.5f},{spread:.5f}" for name, mean, spread in columns)]
    with replacing(out) as partial:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(neutral)
