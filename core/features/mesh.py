"""Features of the face mesh: its points and movements, and forms of them that do not depend on where the face is."""

from __future__ import annotations

import numpy as np

from ..faces.landmarker import movements_of_crop, points_of_crop
from ..faces.mesh_topology import MESH_POINTS, MOVEMENT_NAMES, tesselation
from ..runtime import assets
from .feature import Feature, combined

EYE_CORNERS = ((33, 133), (362, 263))
"""Outer and inner corner of the eye on the left of the picture, inner and outer of the one on the right."""

NOSE_TIP = 1
"""Number of the mesh's point at the tip of the nose."""


def points_of(landmarks: np.ndarray) -> np.ndarray:
    """The points in a value of `LANDMARKS`.

    Args:
        landmarks: Float32 (1404,).

    Returns:
        Float32 (468, 3), a view: x and y in pixels of the crop, z in the same unit.
    """
    return landmarks.reshape(MESH_POINTS, 3)


def _landmarks(crop: np.ndarray) -> np.ndarray | None:
    points = points_of_crop(crop)
    return None if points is None else points[:MESH_POINTS].ravel()


LANDMARKS = Feature(
    name="landmarks",
    version=3,
    compute=_landmarks,
    shape=(MESH_POINTS * 3,),
    dtype="float32",
    needs="mesh",
    assets=(assets.FACE_LANDMARKER,),
)
"""Float32 (1404,): the points of the mesh. `MESH` and `DISTANCES` are made of it."""


BLENDSHAPES = Feature(
    name="blendshapes",
    version=3,
    compute=movements_of_crop,
    shape=(len(MOVEMENT_NAMES),),
    dtype="float32",
    needs="mesh",
    assets=(assets.FACE_LANDMARKER,),
)
"""Float32 (52,), 0 to 1, in the order of `MOVEMENT_NAMES`: MediaPipe's blendshapes.

They are read off the same 478 points as `LANDMARKS`, at a sixth of the work more.
"""


def normalise(points: np.ndarray) -> np.ndarray:
    """Turn, move and scale a mesh into a frame of its own.

    As in Procrustes analysis (Gower 1975), the centroid goes to the origin and the root mean square distance from it,
    in the picture's plane, becomes 1. The turn is another one than there: it lays the line between the middles of the
    eyes level, because that line does not move with the expression. Depth is centred and scaled like the rest; a head
    turned aside stays so, because its turn in depth is only a guess from one picture.

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


MESH = combined("mesh", 3, [LANDMARKS], _mesh, (MESH_POINTS, 3), "float32", edges=tesselation)
"""Float32 (468, 3): the points in the frame of `normalise`."""


def _distances(landmarks: np.ndarray | None) -> np.ndarray | None:
    if landmarks is None:
        return None
    points = points_of(landmarks)
    left, right = (points[list(corners)].mean(axis=0) for corners in EYE_CORNERS)
    between_eyes = np.linalg.norm(right - left)
    lengths = np.linalg.norm(points[:MESH_POINTS] - points[NOSE_TIP], axis=1)
    return (lengths / between_eyes if between_eyes > 0 else lengths).astype(np.float32)


DISTANCES = combined("distances", 3, [LANDMARKS], _distances, (MESH_POINTS,), "float32")
"""Float32 (468,): each point's distance in space to the tip of the nose, in distances between the middles of the eyes.

They are the same wherever the face is, however large, however tilted, and in its mirror image.
"""
