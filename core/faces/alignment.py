"""The aligned crop: any face, brought to the size, place and tilt that faces have in FER2013's images."""

from __future__ import annotations

import numpy as np

from ..readings import Point
from .detector import Detection
from .geometry import similarity
from .pyramid import Pyramid

SIDE = 48
"""Side length of the crop, in pixels, which is that of FER2013's images."""

EYES_AND_MOUTH = np.array([(0.3115, 0.396), (0.6885, 0.396), (0.5, 0.780)])
"""Float (3, 2): where the eye on the left, the eye on the right and the mouth lie in a crop, in units of its side.

Medians of what the face detector finds in 2,289 of FER2013's Training images, made symmetric.
"""


def align(pyramid: Pyramid, eyes: tuple[Point, Point], mouth: Point) -> np.ndarray:
    """Cut a face out of a picture, upright, at the size and place that faces have in FER2013.

    Eyes and mouth together decide: the eyes of a head turned aside stand close, and alone would enlarge it.

    Args:
        pyramid: The picture.
        eyes: The eye on the left of the picture, then the one on the right, as (x, y) in pixels.
        mouth: The middle of the mouth, as (x, y) in pixels.

    Returns:
        Uint8 RGB (48, 48, 3).

    Examples:
        >>> picture = Pyramid(np.zeros((100, 100, 3), np.uint8))
        >>> align(picture, eyes=((40, 40), (60, 40)), mouth=(50, 60)).shape
        (48, 48, 3)
    """
    return pyramid.cut(similarity(np.array([*eyes, mouth]), EYES_AND_MOUTH * SIDE), SIDE)


def crop_of(pyramid: Pyramid, detection: Detection) -> np.ndarray:
    """The aligned crop of a detected face, uint8 RGB (48, 48, 3)."""
    left, right, _, mouth = detection.points[:4]
    return align(pyramid, (left, right), mouth)
