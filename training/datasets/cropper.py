"""Making the 48x48 crops that a dataset file holds from images of any size."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from core.faces.alignment import SIDE
from core.faces.finder import FaceFinder
from core.faces.pyramid import Pyramid
from core.readings import Face
from training.datasets.sample import Sample

Mode = Literal["auto", "none"]

READY_SIDE = 64
"""An image with sides of at most so many pixels is taken for a crop."""

TIGHT_SIDE = 128
"""An image with sides of at most so many pixels is taken for a crop if it is about square."""

BOX_MARGIN = 1.5
"""Side of the square that is searched for a face, over that of the box which marks the face."""


class Cropper:
    """Makes the same aligned crops as the engine does when it reads a picture.

    Where a source marks the labelled face with a box, the face is looked for around the box; if it is not found there,
    or the box is small, the box itself is the crop.

    Args:
        mode: "auto" takes small square images for crops and finds the most prominent face in all others; "none" takes
            every image, or every box, for a crop. Both resize crops to 48x48.
    """

    def __init__(self, mode: Mode = "auto"):
        self._mode = mode
        self._finder: FaceFinder | None = None

    def __call__(self, sample: Sample) -> Sample:
        """Return the sample with its crop or, if no face is found, with its image as it is and `found` False.

        Raises:
            AssetError: The image is to be searched for a face, and the detector's model file is missing.
        """
        if sample.box:
            return replace(sample, image=self._in_box(sample.image, sample.box), box=None)
        if self._mode == "none" or is_ready(sample.image):
            return replace(sample, image=_resized(sample.image))
        face = self._face(sample.image)
        return replace(sample, found=False) if face is None else replace(sample, image=face.crop)

    def _in_box(self, image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
        close = square_around(image, box)
        if self._mode == "none" or is_ready(close):
            return _resized(close)
        face = self._face(square_around(image, box, BOX_MARGIN))
        return _resized(close) if face is None else face.crop

    def _face(self, image: np.ndarray) -> Face | None:
        self._finder = self._finder or FaceFinder()
        pyramid = Pyramid(image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB))
        # The quick search sees a portrait's face; the thorough one takes a hundred times as long.
        faces = self._finder.find(pyramid, "quick") or self._finder.find(pyramid, "thorough")
        return max(faces, key=lambda face: prominence(face, pyramid.width, pyramid.height), default=None)


def square_around(image: np.ndarray, box: tuple[float, float, float, float], scale: float = 1.0) -> np.ndarray:
    """Cut out a square around the middle of a box, continued at the picture's edges by their outermost pixels.

    Args:
        image: Uint8 (height, width) or (height, width, 3).
        box: Left, top, width and height, in pixels.
        scale: Side of the square over the longer side of the box.

    Returns:
        Uint8 (side, side) or (side, side, 3).
    """
    x, y, w, h = box
    side = max(1, round(scale * min(max(w, h), 2 * min(w, h))))  # a line's square would be as large as the line is long
    left, top = round(x + w / 2 - side / 2), round(y + h / 2 - side / 2)
    height, width = image.shape[:2]
    inner = image[max(top, 0) : max(min(top + side, height), 1), max(left, 0) : max(min(left + side, width), 1)]
    before = (max(-top, 0), max(-left, 0))
    after = (side - before[0] - inner.shape[0], side - before[1] - inner.shape[1])
    return cv2.copyMakeBorder(inner, before[0], after[0], before[1], after[1], cv2.BORDER_REPLICATE)


def is_ready(image: np.ndarray) -> bool:
    """Tell whether an image is small and square enough to be a crop of a face rather than a photograph."""
    short, long = sorted(image.shape[:2])
    return long <= READY_SIDE or (long <= TIGHT_SIDE and long <= 1.1 * short)


def prominence(face: Face, width: int, height: int) -> float:
    """Rate how likely the label of a picture is about this face: higher if it is larger and nearer to the middle.

    Args:
        face: A face in the picture.
        width: Width of the picture, in pixels.
        height: Height of the picture, in pixels.
    """
    x, y, w, h = face.box
    away = np.hypot((x + w / 2) / width - 0.5, (y + h / 2) / height - 0.5)  # 0 in the middle, 0.71 in a corner
    return float(w * (1 - away))


def _resized(image: np.ndarray) -> np.ndarray:
    if image.shape[:2] == (SIDE, SIDE):
        return image
    shrinks = max(image.shape[:2]) > SIDE
    return cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
