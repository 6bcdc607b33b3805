"""Pixels and geometry in one vector: a crop in which no mesh is found has one too."""

from __future__ import annotations

import numpy as np

from ..layout import FUSION as LAYOUT
from ..layout import Layout
from .embedding import EMBEDDING, LENGTH
from .feature import Feature, combined
from .mesh import BLENDSHAPES, LANDMARKS, MESH
from .pixels import PIXELS


def _fusion(pixels: np.ndarray, mesh: np.ndarray | None, blendshapes: np.ndarray | None) -> np.ndarray:
    if mesh is None:
        return LAYOUT.join(pixels=pixels)
    return LAYOUT.join(pixels=pixels, mesh=mesh, blendshapes=blendshapes, found=1)


FUSION = combined("fusion", 1, [PIXELS, MESH, BLENDSHAPES], _fusion, (LAYOUT.size,), "float32", layout=LAYOUT)
"""Float32 (3761,), see `layout.FUSION`."""


_PARTS = (PIXELS, EMBEDDING, LANDMARKS)
LOOKS_LAYOUT = Layout({"pixels": (48, 48, 1), "embedding": (LENGTH,), "landmarks": LANDMARKS.shape, "found": (1,)})
"""The grey levels, what the embedder sees, MediaPipe's points and movements, and 1 where it found them, else zeros."""


def _looks(pixels: np.ndarray, embedding: np.ndarray, landmarks: np.ndarray | None) -> np.ndarray:
    mesh = {} if landmarks is None else {"landmarks": landmarks, "found": 1}
    return LOOKS_LAYOUT.join(pixels=pixels, embedding=embedding, **mesh)


LOOKS = combined("looks", 1, _PARTS, _looks, (LOOKS_LAYOUT.size,), "float32", layout=LOOKS_LAYOUT)
"""Float32 (5071,), see `LAYOUT`."""


def is_seen_in(feature: Feature) -> bool:
    """Whether `value_of` gives a feature."""
    return feature in _PARTS or (bool(feature.parts) and all(map(is_seen_in, feature.parts)))


def value_of(feature: Feature, looks: np.ndarray) -> np.ndarray | None:
    """What a feature is of a face, from `LOOKS` of it; None where the feature cannot see that face.

    Raises:
        ValueError: the feature is made of other looks.
    """
    if not is_seen_in(feature):
        raise ValueError(f"{feature.name} is not made of {', '.join(part.name for part in _PARTS)}")
    parts = LOOKS_LAYOUT.split(looks[None])
    if feature.parts:
        return feature.combine(*(value_of(part, looks) for part in feature.parts))
    if feature is LANDMARKS and not parts["found"][0, 0]:
        return None
    return parts[feature.name][0].astype(feature.dtype)
