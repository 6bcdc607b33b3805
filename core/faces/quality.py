"""How well a found face can be seen."""

from __future__ import annotations

import cv2
import numpy as np

from ..readings import FaceQuality
from .detector import Detection
from .geometry import tilt
from .pyramid import Pyramid


def quality_of(pyramid: Pyramid, crop: np.ndarray, detection: Detection) -> FaceQuality:
    """How well a face can be seen.

    Args:
        pyramid: The picture.
        crop: The face's aligned crop, uint8 RGB (48, 48, 3).
        detection: The face in the picture.
    """
    box, (left, right, nose) = detection.box, detection.points[:3]
    across = right - left
    distance = float(np.hypot(*across))
    aside = abs((nose - (left + right) / 2) @ across) / max(distance, 1e-6) ** 2
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    detail = cv2.Laplacian(grey, cv2.CV_32F).std() / (grey.std() + 1.0)
    corners = np.clip([box[:2], box[:2] + box[2:]], 0, (pyramid.width, pyramid.height))
    return FaceQuality(
        inside=float(np.prod(corners[1] - corners[0]) / np.prod(box[2:])),
        pixels=distance,
        turn=float(min(aside, 1.0)),
        roll=tilt(left, right),
        sharpness=float(min(detail, 1.0)),
        light=float(grey.mean() / 255),
    )
