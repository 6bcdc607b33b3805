"""The mesh of a crop: 478 points and 52 movements, by MediaPipe's FaceLandmarker on the crop alone.

A dataset's images and the faces of a served picture come to the same 48x48 crop, and so to the same mesh.
FaceLandmarker is made for photographs in which a face is part of the picture, so the crop is enlarged and its edge
continued; what is not found one way is looked for in other ways.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np

from . import assets
from .geometry import apply, inverse, window
from .mediapipe_guard import load_vision
from .pool import Pool


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
