"""MediaPipe's 52 movements of a face: how far the brows are raised, the mouth is open, and so on."""

from __future__ import annotations

import numpy as np

from .. import assets
from ..crop_mesh import mesh_of
from .feature import Feature

COUNT = 52


def _compute(crop: np.ndarray, face) -> np.ndarray | None:
    mesh = mesh_of(crop)
    return None if mesh is None else mesh.blendshapes


BLENDSHAPES = Feature(
    name="blendshapes",
    version=1,
    compute=_compute,
    shape=(COUNT,),
    dtype="float32",
    needs="mesh",
    assets=(assets.FACE_LANDMARKER,),
)
"""Float32 (52,), 0 to 1, in MediaPipe's order: the first is "_neutral". From the same look as the feature `mesh`."""
