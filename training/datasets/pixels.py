"""The image of one row of a dataset file -> its pixels."""

from __future__ import annotations

import cv2
import numpy as np

from core.faces.alignment import SIDE
from training.errors import DatasetError


def pixels_of(png: bytes | None, mode: int = cv2.IMREAD_COLOR_RGB) -> np.ndarray:
    """Uint8 (48, 48, 3) in RGB, or (48, 48) where the mode is `cv2.IMREAD_GRAYSCALE`.

    Raises:
        DatasetError: it is no picture of that size.
    """
    image = cv2.imdecode(np.frombuffer(png, np.uint8), mode) if png else None
    if image is None or image.shape[:2] != (SIDE, SIDE):
        raise DatasetError(f"the dataset file is damaged: an image in it is no {SIDE}x{SIDE} picture; import it again")
    return image
