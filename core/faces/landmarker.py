"""The mesh of a crop: 478 points and 52 movements, by MediaPipe's FaceLandmarker on the crop alone.

A dataset's images and the faces of a served picture come to the same 48x48 crop, and so to the same mesh.
FaceLandmarker is made for photographs in which a face is part of the picture, so the crop is enlarged and its edge
continued; what is not found one way is looked for in other ways.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..readings import Face
from ..runtime import assets
from ..runtime.mediapipe_guard import load_vision
from ..runtime.pool import Pool
from .geometry import apply, inverse, window


@dataclass(frozen=True)
class CropMesh:
    """What FaceLandmarker sees in a crop.

    Attributes:
        points: Float32 (478, 3), x and y in pixels of the crop and z in the same unit.
        blendshapes: Float32 (52,), 0 to 1, in MediaPipe's order.
    """

    points: np.ndarray
    blendshapes: np.ndarray


@dataclass(frozen=True)
class Look:
    """One way of showing a crop to FaceLandmarker.

    Attributes:
        border: Added on each side, in sides of the crop, by going on with the colour of its edge.
        lowest: Score from which a face is one. It can be low: that there is a face is known as a rule, and only where
            its points lie is asked.
        turn: Of the view, degrees clockwise.
    """

    border: float
    lowest: float
    turn: float = 0.0


LOOKS = (
    Look(0.2, 0.1),
    Look(0.0, 0.1),
    Look(0.75, 0.1),
    Look(0.75, 0.02),
    Look(0.0, 0.02),
    Look(1.0, 0.02),
    Look(0.5, 0.02),
    Look(0.2, 0.02, turn=-15.0),
    Look(0.35, 0.02, turn=15.0),
)
"""In the order in which they are tried: the surest first, then those that find most of what is left."""

SIZE = 192
"""Side of the enlarged picture, in pixels."""


def mesh_of(crop: np.ndarray) -> CropMesh | None:
    """The mesh of a crop, or None where none of the looks finds one. Safe in threads.

    The last few answers are kept, so that several features of one face cost one look.

    Args:
        crop: Uint8 RGB (side, side, 3).

    Raises:
        AssetError: the model file cannot be had.
    """
    return _mesh_of(crop.shape, crop.tobytes())


@functools.lru_cache(maxsize=32)
def _mesh_of(shape: tuple[int, ...], content: bytes) -> CropMesh | None:
    crop = np.frombuffer(content, np.uint8).reshape(shape)
    for look in LOOKS:
        with _pool(look.lowest).borrow() as landmarker:
            if (mesh := _seen(landmarker, crop, look)) is not None:
                return mesh
    return None


@functools.cache
def _pool(lowest: float) -> Pool:
    vision = load_vision()
    options = vision.FaceLandmarkerOptions(
        base_options=vision.BaseOptions(model_asset_buffer=assets.path_of(assets.FACE_LANDMARKER).read_bytes()),
        running_mode=vision.RunningMode.IMAGE,
        num_faces=1,
        min_face_detection_confidence=lowest,
        min_face_presence_confidence=lowest,
        output_face_blendshapes=True,
    )
    return Pool(lambda: vision.FaceLandmarker.create_from_options(options), lambda landmarker: landmarker.close())


def _seen(landmarker, crop: np.ndarray, look: Look) -> CropMesh | None:
    vision = load_vision()
    side = crop.shape[0]
    matrix = window((side / 2, side / 2), side * (1 + 2 * look.border), SIZE, turn=look.turn)
    result = landmarker.detect(vision.Image(image_format=vision.ImageFormat.SRGB, data=_shown(crop, matrix, SIZE)))
    if not result.face_landmarks:
        return None
    points = np.array([(point.x, point.y, point.z) for point in result.face_landmarks[0]]) * SIZE
    points[:, 2] *= side * (1 + 2 * look.border) / SIZE
    points[:, :2] = apply(inverse(matrix), points[:, :2])
    shapes = np.array([shape.score for shape in result.face_blendshapes[0]], np.float32)
    return CropMesh(points.astype(np.float32), shapes)


def _shown(crop: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    # Half a pixel on either side, because OpenCV counts from the centre of the first.
    shift = matrix[:, 2] - 0.5 + matrix[:, :2] @ (0.5, 0.5)
    return cv2.warpAffine(
        crop,
        np.column_stack([matrix[:, :2], shift]),
        (size, size),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )


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
