"""The crop itself, in grey."""

from __future__ import annotations

import cv2
import numpy as np

from .feature import Feature


def _compute(crop: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[:, :, None]


PIXELS = Feature(name="pixels", version=1, compute=_compute, shape=(48, 48, 1), dtype="uint8")
"""Uint8 (48, 48, 1), luminance as Rec. 601 weighs it."""
