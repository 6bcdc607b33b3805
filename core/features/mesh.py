"""The points of the face mesh, freed of where the face is, how large, and how it is tilted."""

from __future__ import annotations

import numpy as np

from ..faces.landmarker import mesh_of
from ..faces.mesh_topology import MESH_POINTS, tesselation
from ..runtime import assets
from .feature import Feature, combined

POINTS_WITH_IRISES = 478
MOVEMENTS = 52


def points_of(landmarks: np.ndarray) -> np.ndarray:
    """Float32 (478, 3): x and y in pixels of the crop, z in the same unit; the last ten are the irises."""
    return landmarks[: POINTS_WITH_IRISES * 3].reshape(POINTS_WITH_IRISES, 3)


def movements_of(landmarks: np.ndarray) -> np.ndarray:
    """Float32 (52,), 0 to 1: MediaPipe's blendshapes."""
    return landmarks[POINTS_WITH_IRISES * 3 :]


def _compute(crop: np.ndarray) -> np.ndarray | None:
    mesh = mesh_of(crop)
    return None if mesh is None else np.concatenate([mesh.points.ravel(), mesh.blendshapes])


LANDMARKS = Feature(
    name="landmarks",
    version=1,
    compute=_compute,
    shape=(POINTS_WITH_IRISES * 3 + MOVEMENTS,),
    dtype="float32",
    needs="mesh",
    assets=(assets.FACE_LANDMARKER,),
)
"""Float32 (1486,): the points, then the movements. What `mesh`, `blendshapes` and others are made of.

Found in the crop itself, not in the picture that the crop was cut from, so that a model is served what it learnt from.
"""


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
    upright = points[:MESH_POINTS] - points[:MESH_POINTS].mean(axis=0)
    upright[:, :2] = upright[:, :2] @ np.array([[cosine, -sine], [sine, cosine]])
    scale = np.sqrt((upright[:, :2] ** 2).sum(axis=1).mean())
    return (upright / scale if scale > 0 else upright).astype(np.float32)


def _mesh(landmarks: np.ndarray | None) -> np.ndarray | None:
    return None if landmarks is None else normalise(points_of(landmarks))


MESH = combined("mesh", 1, [LANDMARKS], _mesh, (MESH_POINTS, 3), "float32", edges=tesselation)
"""Float32 (468, 3), see `normalise`: MediaPipe's mesh without the ten points of the irises."""


def _blendshapes(landmarks: np.ndarray | None) -> np.ndarray | None:
    return None if landmarks is None else movements_of(landmarks)


BLENDSHAPES = combined("blendshapes", 1, [LANDMARKS], _blendshapes, (MOVEMENTS,), "float32")
"""Float32 (52,), 0 to 1, in MediaPipe's order: the first is "_neutral"."""


NOSE_TIP = 1


def _distances(landmarks: np.ndarray | None) -> np.ndarray | None:
    if landmarks is None:
        return None
    points = points_of(landmarks)
    left, right = (points[list(corners)].mean(axis=0) for corners in EYE_CORNERS)
    between_eyes = np.linalg.norm(right - left)
    lengths = np.linalg.norm(points[:MESH_POINTS] - points[NOSE_TIP], axis=1)
    return (lengths / between_eyes if between_eyes > 0 else lengths).astype(np.float32)


DISTANCES = combined("distances", 1, [LANDMARKS], _distances, (MESH_POINTS,), "float32")
"""Float32 (468,): distances to the tip of the nose in space, over that between the middles of the eyes.

Where a face is, how large, and how it is tilted does not matter to them, nor which side of it is which way.
"""
