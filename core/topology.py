"""The face mesh as a graph: which points are neighbours, and which mirror each other.

What MediaPipe knows of it is kept in two small files, so that a recipe can be built where there is no MediaPipe.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

POINTS = 468
"""Points of the face itself; the ten after them are the irises, which no triangle of the mesh touches."""

_FOLDER = Path(__file__).parent


def tesselation() -> np.ndarray:
    """The sides of the mesh's triangles, each once: MediaPipe's `FACE_LANDMARKS_TESSELATION`.

    Returns:
        Int64 (1322, 2), sorted, the smaller number first, all below `POINTS`.
    """
    return np.loadtxt(_FOLDER / "mesh_edges.txt", np.int64)


def mirror() -> np.ndarray:
    """Which point lies where each one lies in the mirror image.

    Matched on the canonical face inside `face_landmarker.task`, whose two halves are the same to the last digit.

    Returns:
        Int64 (468,), a permutation that undoes itself.
    """
    return np.loadtxt(_FOLDER / "mesh_mirror.txt", np.int64)
