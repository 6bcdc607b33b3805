"""Pixels and geometry in one vector: a crop in which no mesh is found has one too."""

from __future__ import annotations

import numpy as np

from ..layout import FUSION as LAYOUT
from .blendshapes import BLENDSHAPES
from .feature import combined
from .mesh import MESH
from .pixels import PIXELS


def _fusion(pixels: np.ndarray, mesh: np.ndarray | None, blendshapes: np.ndarray | None) -> np.ndarray:
    if mesh is None:
        return LAYOUT.join(pixels=pixels)
    return LAYOUT.join(pixels=pixels, mesh=mesh, blendshapes=blendshapes, found=1)


FUSION = combined("fusion", 1, [PIXELS, MESH, BLENDSHAPES], _fusion, (LAYOUT.size,), "float32", layout=LAYOUT)
"""Float32 (3761,), see `layout.FUSION`."""
