"""MediaPipe's face detector on one small patch, shared by threads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import assets
from .geometry import apply, inverse
from .mediapipe_guard import load_vision
from .pool import Pool
from .pyramid import Pyramid

SIZE = 128
"""Side of the patch that the short-range model sees, in pixels."""

LOWEST = 0.4
"""Score below which nothing is taken for even a doubtful face."""


@dataclass(frozen=True)
class Sight:
    """One detection, in pixels of the picture.

    Attributes:
        score: 0 to 1.
        points: Float (6, 2): the eye on the left, the eye on the right, nose tip, mouth, and the two ears.
        box: Left, top, width, height.
    """

    score: float
    points: np.ndarray
    box: np.ndarray


class Detector:
    """A pool of BlazeFace detectors (Bazarevsky et al. 2019, short range): one is used by one thread at a time.

    Raises:
        AssetError: the model file cannot be had.
    """

    def __init__(self) -> None:
        self._vision = vision = load_vision()
        options = vision.FaceDetectorOptions(
            base_options=vision.BaseOptions(model_asset_buffer=assets.path_of(assets.FACE_DETECTOR).read_bytes()),
            min_detection_confidence=LOWEST,
        )
        self._pool = Pool(lambda: vision.FaceDetector.create_from_options(options), close=vision.FaceDetector.close)

    def look(self, pyramid: Pyramid, matrix: np.ndarray) -> list[Sight]:
        """Detect in the patch that `matrix` cuts out of a picture."""
        patch = pyramid.cut(matrix, SIZE)
        with self._pool.borrow() as detector:
            image = self._vision.Image(image_format=self._vision.ImageFormat.SRGB, data=patch)
            detections = detector.detect(image).detections
        return [_sight(detection, inverse(matrix)) for detection in detections]


def _sight(detection, back: np.ndarray) -> Sight:
    points = np.array([(point.x, point.y) for point in detection.keypoints]) * SIZE
    box = detection.bounding_box
    corner, side = np.array([box.origin_x, box.origin_y]), np.array([box.width, box.height])
    centre = apply(back, (corner + side / 2)[None])[0]
    side = side * np.sqrt(abs(np.linalg.det(back[:, :2])))
    points = apply(back, points)
    if np.linalg.det(back[:, :2]) < 0:  # seen in a mirror: left and right change places
        points = points[[1, 0, 2, 3, 5, 4]]
    return Sight(detection.categories[0].score, points, np.concatenate([centre - side / 2, side]))
