"""Images of any size -> the 48x48 crops that a dataset file holds."""

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
"""An image no larger than this is a crop already."""

TIGHT_SIDE = 128
"""So is one that is no larger than this and square: there is a face in it and little else."""


class Cropper:
    """Makes canonical crops, as serving does.

    Args:
        mode: "auto" keeps ready crops as they are and looks for the face in every other picture; "none" takes every
            picture for a crop. Either brings it to 48x48.

    Raises:
        AssetError: a face is to be looked for and the detector's file cannot be had.
    """

    def __init__(self, mode: Mode = "auto"):
        self._mode = mode
        self._finder: FaceFinder | None = None

    def __call__(self, sample: Sample) -> Sample:
        """The sample with its crop; where no face is found, with `found` False and the picture as it was."""
        if self._mode == "none" or is_ready(sample.image):
            return replace(sample, image=_resized(sample.image))
        face = self._face(sample.image)
        return replace(sample, found=False) if face is None else replace(sample, image=face.crop)

    def _face(self, image: np.ndarray) -> Face | None:
        self._finder = self._finder or FaceFinder()
        pyramid = Pyramid(image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB))
        # A portrait's face is seen at one look; the thorough search takes a hundred times as long.
        faces = self._finder.find(pyramid, "quick") or self._finder.find(pyramid, "thorough")
        return max(faces, key=lambda face: prominence(face, pyramid.width, pyramid.height), default=None)


def is_ready(image: np.ndarray) -> bool:
    """Whether an image is a face's crop already, and no photograph to look for one in."""
    short, long = sorted(image.shape[:2])
    return long <= READY_SIDE or (long <= TIGHT_SIDE and long <= 1.1 * short)


def prominence(face: Face, width: int, height: int) -> float:
    """How likely a picture's label speaks of this face: large and in the middle."""
    x, y, w, h = face.box
    away = np.hypot((x + w / 2) / width - 0.5, (y + h / 2) / height - 0.5)  # 0 in the middle, 0.71 in a corner
    return float(w * (1 - away))


def _resized(image: np.ndarray) -> np.ndarray:
    if image.shape[:2] == (SIDE, SIDE):
        return image
    shrinks = max(image.shape[:2]) > SIDE
    return cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
