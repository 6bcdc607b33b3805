"""The 478 points and 52 movements of faces in a stream, by MediaPipe's FaceLandmarker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from . import assets
from .mediapipe_guard import load_vision
from .readings import Face

MOST_FACES = 4
"""How many faces get a mesh: each costs about five milliseconds."""


class MeshFinder:
    """Follows meshes through one stream; a context manager.

    MediaPipe's video mode: pictures in the order of time, from one thread at a time.

    Raises:
        AssetError: the model file cannot be had.
    """

    def __init__(self) -> None:
        self._vision = vision = load_vision()
        options = vision.FaceLandmarkerOptions(
            base_options=vision.BaseOptions(model_asset_buffer=assets.path_of(assets.FACE_LANDMARKER).read_bytes()),
            running_mode=vision.RunningMode.VIDEO,
            num_faces=MOST_FACES,
            output_face_blendshapes=True,
        )
        self._landmarker = vision.FaceLandmarker.create_from_options(options)
        self._time_ms = -1

    def __enter__(self) -> MeshFinder:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Free MediaPipe's graph."""
        self._landmarker.close()

    def add_to(self, faces: Sequence[Face], picture: np.ndarray, time_s: float) -> list[Face]:
        """The faces with mesh and blendshapes, where MediaPipe sees them too.

        Args:
            faces: Found in the picture.
            picture: Uint8 RGB (h, w, 3).
            time_s: Its moment; one that does not rise is counted as a millisecond later.
        """
        self._time_ms = max(self._time_ms + 1, round(time_s * 1000))
        image = self._vision.Image(image_format=self._vision.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        result = self._landmarker.detect_for_video(image, self._time_ms)
        size = np.array([picture.shape[1], picture.shape[0], picture.shape[1]], np.float32)
        meshes = [
            np.array([(point.x, point.y, point.z) for point in points], np.float32) * size
            for points in result.face_landmarks
        ]
        shapes = [{shape.category_name: float(shape.score) for shape in shapes} for shapes in result.face_blendshapes]
        return [_with_nearest(face, meshes, shapes) for face in faces]


def _with_nearest(face: Face, meshes: list[np.ndarray], shapes: list[dict[str, float]]) -> Face:
    centre = np.array([*face.eyes, face.mouth]).mean(axis=0)
    distances = [np.hypot(*(mesh[:, :2].mean(axis=0) - centre)) for mesh in meshes]
    if not distances or min(distances) > face.box[2] / 2:
        return face
    nearest = int(np.argmin(distances))
    return replace(face, mesh=meshes[nearest], blendshapes=shapes[nearest])
