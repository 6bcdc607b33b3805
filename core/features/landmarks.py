"""All that MediaPipe tells of a face in a crop: the points as they lie, and the movements."""

from __future__ import annotations

import numpy as np

from .. import assets
from ..crop_mesh import mesh_of
from .feature import Feature

POINTS = 478
MOVEMENTS = 52


def points_of(landmarks: np.ndarray) -> np.ndarray:
    """Float32 (478, 3): x and y in pixels of the crop, z in the same unit; the last ten are the irises."""
    return landmarks[: POINTS * 3].reshape(POINTS, 3)


def movements_of(landmarks: np.ndarray) -> np.ndarray:
    """Float32 (52,), 0 to 1: MediaPipe's blendshapes."""
    return landmarks[POINTS * 3 :]


def _compute(crop: np.ndarray, face) -> np.ndarray | None:
    mesh = mesh_of(crop)
    return None if mesh is None else np.concatenate([mesh.points.ravel(), mesh.blendshapes])


LANDMARKS = Feature(
    name="landmarks",
    version=1,
    compute=_compute,
    shape=(POINTS * 3 + MOVEMENTS,),
    dtype="float32",
    needs="mesh",
    assets=(assets.FACE_LANDMARKER,),
)
"""Float32 (1486,): the points, then the movements. What `mesh`, `blendshapes` and others are made of.

Found in the crop itself, not in the picture that the crop was cut from, so that a model is served what it learnt from.
"""
