"""The points of the face mesh, freed of where the face is, how large, and how it is tilted."""

from __future__ import annotations

import numpy as np

from ..topology import POINTS, tesselation
from .feature import combined
from .landmarks import LANDMARKS, points_of

EYE_CORNERS = ((33, 133), (362, 263))
"""Outer and inner corner of the eye on the left of the picture, inner and outer of the one on the right."""


def normalise(points: np.ndarray) -> np.ndarray:
    """Turn, move and scale a mesh into a frame of its own.

    As in Procrustes analysis (Gower 1975): the centroid goes to the origin and the root mean square distance from it,
    in the picture's plane, becomes 1. The turn, though, is not that to a mean shape but the one that lays the line
    between the middles of the eyes level, because that line does not move with the expression. Depth is scaled like
    the rest and centred; a head turned aside stays so, for a turn in depth is guessed from one picture.

    Args:
        points: (n, 3), n >= 468 in MediaPipe's order: x to the right, y down and z away from the viewer, one unit.

    Returns:
        Float32 (468, 3); all zero where the points are all the same.

    Examples:
        >>> mesh = np.random.default_rng(0).random((478, 3))
        >>> bool(np.allclose(normalise(mesh), normalise(2 * mesh + 5), atol=1e-5))
        True
    """
    points = np.asarray(points, np.float64)
    left, right = (points[list(corners), :2].mean(axis=0) for corners in EYE_CORNERS)
    x, y = right - left
    length = np.hypot(x, y)
    cosine, sine = (x / length, y / length) if length > 0 else (1.0, 0.0)
    upright = points[:POINTS] - points[:POINTS].mean(axis=0)
    upright[:, :2] = upright[:, :2] @ np.array([[cosine, -sine], [sine, cosine]])
    scale = np.sqrt((upright[:, :2] ** 2).sum(axis=1).mean())
    return (upright / scale if scale > 0 else upright).astype(np.float32)


def _mesh(landmarks: np.ndarray | None) -> np.ndarray | None:
    return None if landmarks is None else normalise(points_of(landmarks))


MESH = combined("mesh", 1, [LANDMARKS], _mesh, (POINTS, 3), "float32", edges=tesselation)
"""Float32 (468, 3), see `normalise`: MediaPipe's mesh without the ten points of the irises."""
