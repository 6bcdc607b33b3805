"""Which points of the face mesh are neighbours."""

from __future__ import annotations

import numpy as np

from .mediapipe_guard import load_vision

POINTS = 468
"""Points of the face itself; the ten after them are the irises, which no triangle of the mesh touches."""


def tesselation() -> np.ndarray:
    """The sides of the mesh's triangles, each once, as MediaPipe tells them.

    A trained graph model carries them in itself: serving does without this function.

    Returns:
        Int64 (e, 2), sorted, the smaller number first, all below `POINTS`.
    """
    load_vision()  # first and guarded: the import below would otherwise bring all that MediaPipe drags in
    from mediapipe.tasks.python.vision.face_landmarker import FaceLandmarksConnections

    sides = [(side.start, side.end) for side in FaceLandmarksConnections.FACE_LANDMARKS_TESSELATION]
    return np.unique(np.sort(np.array(sides, np.int64), axis=1), axis=0)
