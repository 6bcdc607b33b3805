"""The face mesh: which of its points are neighbours, which make its movements, and what mirrors each other.

What MediaPipe knows of it is kept in small files, so that a recipe can be built where there is no MediaPipe.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

LANDMARK_POINTS = 478
"""Number of points that MediaPipe gives of a face: those of the mesh, then ten of the irises."""

MESH_POINTS = 468
"""Number of points of the mesh, without the irises, which none of its triangles touches."""

_FOLDER = Path(__file__).parent


def tesselation() -> np.ndarray:
    """The sides of the mesh's triangles, each once: MediaPipe's `FACE_LANDMARKS_TESSELATION`.

    Returns:
        Int64 (1322, 2): the numbers of two points, the smaller one first, all below `MESH_POINTS`, in rising order.

    Examples:
        >>> tesselation().shape
        (1322, 2)
    """
    return np.loadtxt(_FOLDER / "mesh_edges.txt", np.int64)


def mirrored_points() -> np.ndarray:
    """For each point, the number of the point that takes its place in the mirror image, left for right.

    Matched on the canonical face inside `face_landmarker.task`, whose two halves are the same to the last digit.

    Returns:
        Int64 (468,), a permutation that undoes itself.
    """
    return np.loadtxt(_FOLDER / "mesh_mirror.txt", np.int64)


_MOVEMENTS = """
_neutral browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight eyeLookOutLeft
eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft
jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft
mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker mouthRight mouthRollLower
mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight mouthStretchLeft mouthStretchRight
mouthUpperUpLeft mouthUpperUpRight noseSneerLeft noseSneerRight
"""

MOVEMENT_NAMES = tuple(_MOVEMENTS.split())
"""The names of the 52 movements in MediaPipe's order, which is that of the feature `blendshapes`."""


@functools.cache
def movement_points() -> np.ndarray:
    """The points from which MediaPipe's network reads the movements: `kLandmarksSubsetIdxs` in its source.

    Returns:
        Int64 (146,), numbers below `LANDMARK_POINTS`, in the order in which the network takes them.

    Examples:
        >>> movement_points().shape
        (146,)
    """
    return np.loadtxt(_FOLDER / "mesh_movement_points.txt", np.int64)


def mirrored_movements() -> np.ndarray:
    """For each movement, the number of the movement that it is in the mirror image, left for right.

    Returns:
        Int64 (52,), a permutation that undoes itself.

    Examples:
        >>> MOVEMENT_NAMES[mirrored_movements()[MOVEMENT_NAMES.index("mouthSmileLeft")]]
        'mouthSmileRight'
    """
    swapped = (name.replace("Left", "-").replace("Right", "Left").replace("-", "Right") for name in MOVEMENT_NAMES)
    return np.array([MOVEMENT_NAMES.index(name) for name in swapped])
