"""MediaPipe's 52 movements of a face: how far the brows are raised, the mouth is open, and so on."""

from __future__ import annotations

import numpy as np

from .feature import combined
from .landmarks import LANDMARKS, MOVEMENTS, movements_of


def _blendshapes(landmarks: np.ndarray | None) -> np.ndarray | None:
    return None if landmarks is None else movements_of(landmarks)


BLENDSHAPES = combined("blendshapes", 1, [LANDMARKS], _blendshapes, (MOVEMENTS,), "float32")
"""Float32 (52,), 0 to 1, in MediaPipe's order: the first is "_neutral"."""
