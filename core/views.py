"""How well a face can be seen, measured."""

from __future__ import annotations

import cv2
import numpy as np

from .readings import View


def assess(crop: np.ndarray, points: np.ndarray) -> View:
    """Judge a face by its crop, uint8 RGB (48, 48, 3), and the detector's six points, (6, 2) pixels of the picture."""
    left, right, nose = points[:3]
    across = right - left
    distance = float(np.hypot(*across))
    aside = abs((nose - (left + right) / 2) @ across) / max(distance, 1e-6) ** 2
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    detail = cv2.Laplacian(grey, cv2.CV_32F).std() / (grey.std() + 1.0)
    return View(
        pixels=distance,
        turn=float(min(aside, 1.0)),
        roll=float(np.degrees(np.arctan2(across[1], across[0]))),
        sharpness=float(min(detail, 1.0)),
        light=float(grey.mean() / 255),
    )
