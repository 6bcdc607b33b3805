"""How far each point of the face mesh is from the tip of the nose."""

from __future__ import annotations

import numpy as np

from ..topology import POINTS
from .feature import combined
from .landmarks import LANDMARKS, points_of
from .mesh import EYE_CORNERS

NOSE_TIP = 1


def _distances(landmarks: np.ndarray | None) -> np.ndarray | None:
    if landmarks is None:
        return None
    points = points_of(landmarks)
    left, right = (points[list(corners)].mean(axis=0) for corners in EYE_CORNERS)
    between_eyes = np.linalg.norm(right - left)
    lengths = np.linalg.norm(points[:POINTS] - points[NOSE_TIP], axis=1)
    return (lengths / between_eyes if between_eyes > 0 else lengths).astype(np.float32)


DISTANCES = combined("distances", 1, [LANDMARKS], _distances, (POINTS,), "float32")
"""Float32 (468,): distances to the tip of the nose in space, over that between the middles of the eyes.

Where a face is, how large, and how it is tilted does not matter to them, nor which side of it is which way.
"""
