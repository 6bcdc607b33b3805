"""Every look at a face in one vector, for models that are made of others."""

from __future__ import annotations

import numpy as np

from ..layout import Layout
from .embedding import EMBEDDING, LENGTH
from .feature import Feature, combined
from .landmarks import LANDMARKS
from .pixels import PIXELS

_PARTS = (PIXELS, EMBEDDING, LANDMARKS)
LAYOUT = Layout({"pixels": (48, 48, 1), "embedding": (LENGTH,), "landmarks": LANDMARKS.shape, "found": (1,)})
"""The grey levels, what the embedder sees, MediaPipe's points and movements, and 1 where it found them, else zeros."""


def _looks(pixels: np.ndarray, embedding: np.ndarray, landmarks: np.ndarray | None) -> np.ndarray:
    mesh = {} if landmarks is None else {"landmarks": landmarks, "found": 1}
    return LAYOUT.join(pixels=pixels, embedding=embedding, **mesh)


LOOKS = combined("looks", 1, _PARTS, _looks, (LAYOUT.size,), "float32", layout=LAYOUT)
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
    parts = LAYOUT.split(looks[None])
    if feature.parts:
        return feature.combine(*(value_of(part, looks) for part in feature.parts))
    if feature is LANDMARKS and not parts["found"][0, 0]:
        return None
    return parts[feature.name][0].astype(feature.dtype)
