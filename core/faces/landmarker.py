"""Face meshes by MediaPipe's FaceLandmarker: 478 points and 52 movements, of an aligned crop or along a stream.

A dataset's images and the faces of a served picture come to the same 48x48 crop, and so to the same mesh.
FaceLandmarker is made for photographs in which a face is part of the picture, so the crop is enlarged and its edge
continued; where one attempt finds no face, others are made.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from ..readings import Face
from ..runtime import assets
from ..runtime.mediapipe_guard import load_vision
from ..runtime.pool import Pool
from .geometry import apply, inverse, window
from .pyramid import cut_patch


@dataclass(frozen=True)
class CropMesh:
    """The mesh that FaceLandmarker finds in a crop.

    Attributes:
        points: Float32 (478, 3), x and y in pixels of the crop and z in the same unit.
        blendshapes: Float32 (52,), 0 to 1, in MediaPipe's order.
    """

    points: np.ndarray
    blendshapes: np.ndarray


@dataclass(frozen=True)
class Attempt:
    """One way of showing a crop to FaceLandmarker.

    Attributes:
        border: Width of the border added on each side, in sides of the crop, in the colours of its edge.
        lowest: Score, 0 to 1, from which a face is believed. It can be low: that there is a face is known as a rule,
            and only where its points lie is asked.
        turn: Rotation of the window around the crop, in degrees clockwise.
    """

    border: float
    lowest: float
    turn: float = 0.0


ATTEMPTS = (
    Attempt(0.2, 0.1),
    Attempt(0.0, 0.1),
    Attempt(0.75, 0.1),
    Attempt(0.75, 0.02),
    Attempt(0.0, 0.02),
    Attempt(1.0, 0.02),
    Attempt(0.5, 0.02),
    Attempt(0.2, 0.02, turn=-15.0),
    Attempt(0.35, 0.02, turn=15.0),
)
"""The attempts in the order in which they are made: the surest first, then those that find most of what is left."""

SIZE = 192
"""Side length of the enlarged crop, in pixels."""

MOST_FACES = 4
"""How many faces of a stream's picture get a mesh: each costs about five milliseconds."""


def mesh_of(crop: np.ndarray) -> CropMesh | None:
    """The mesh of a crop, or None where no attempt finds one. Safe in threads.

    The last few answers are kept, so that several features of one face run the network once.

    Args:
        crop: Uint8 RGB (side, side, 3).

    Raises:
        AssetError: The model file cannot be had.

    Examples:
        >>> mesh_of(face.crop).points.shape  # doctest: +SKIP
        (478, 3)
    """
    return _mesh_of(crop.shape, crop.tobytes())


@functools.lru_cache(maxsize=32)
def _mesh_of(shape: tuple[int, ...], content: bytes) -> CropMesh | None:
    crop = np.frombuffer(content, np.uint8).reshape(shape)
    for attempt in ATTEMPTS:
        with _pool(attempt.lowest).borrow() as landmarker:
            if (mesh := _made(attempt, landmarker, crop)) is not None:
                return mesh
    return None


@functools.cache
def _pool(lowest: float) -> Pool:
    vision = load_vision()
    options = _options(
        vision.RunningMode.IMAGE,
        num_faces=1,
        min_face_detection_confidence=lowest,
        min_face_presence_confidence=lowest,
    )
    return Pool(lambda: vision.FaceLandmarker.create_from_options(options), lambda landmarker: landmarker.close())


def _options(running_mode: Any, **settings: Any) -> Any:
    vision = load_vision()
    content = assets.path_of(assets.FACE_LANDMARKER).read_bytes()
    return vision.FaceLandmarkerOptions(
        base_options=vision.BaseOptions(model_asset_buffer=content),
        running_mode=running_mode,
        output_face_blendshapes=True,
        **settings,
    )


def _made(attempt: Attempt, landmarker: Any, crop: np.ndarray) -> CropMesh | None:
    """The mesh that one attempt finds, with its points back in the crop."""
    vision = load_vision()
    side = crop.shape[0]
    shown = side * (1 + 2 * attempt.border)
    matrix = window((side / 2, side / 2), shown, SIZE, turn=attempt.turn)
    enlarged = cut_patch(crop, matrix, SIZE, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
    result = landmarker.detect(vision.Image(image_format=vision.ImageFormat.SRGB, data=enlarged))
    if not result.face_landmarks:
        return None
    points = np.array([(point.x, point.y, point.z) for point in result.face_landmarks[0]]) * SIZE
    points[:, 2] *= shown / SIZE
    points[:, :2] = apply(inverse(matrix), points[:, :2])
    shapes = np.array([shape.score for shape in result.face_blendshapes[0]], np.float32)
    return CropMesh(points.astype(np.float32), shapes)


class MeshFinder:
    """Follows meshes through one stream; a context manager.

    It runs MediaPipe's video mode: pictures must come in the order of time, from one thread at a time.

    Raises:
        AssetError: The model file cannot be had.
    """

    def __init__(self) -> None:
        self._vision = vision = load_vision()
        options = _options(vision.RunningMode.VIDEO, num_faces=MOST_FACES)
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
        """The faces with mesh and blendshapes, where MediaPipe finds them too.

        Args:
            faces: The faces found in the picture.
            picture: Uint8 RGB (height, width, 3).
            time_s: Time of the picture on the stream's clock, in seconds; one that does not rise is counted as a
                millisecond later.
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
