"""How well a face can be seen, measured."""

from __future__ import annotations

import cv2
import numpy as np

from ..readings import FaceQuality
from .pyramid import Pyramid


def assess(pyramid: Pyramid, crop: np.ndarray, box: np.ndarray, points: np.ndarray) -> FaceQuality:
    """Judge a face.

    Args:
        pyramid: The picture.
        crop: The face's, uint8 RGB (48, 48, 3).
        box: Left, top, width, height in the picture.
        points: The detector's six, (6, 2) in the picture.
    """
    left, right, nose = points[:3]
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
        roll=float(np.degrees(np.arctan2(across[1], across[0]))),
        sharpness=float(min(detail, 1.0)),
        light=float(grey.mean() / 255),
    )
