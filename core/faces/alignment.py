"""The one canonical crop: any face, laid into the frame that FER2013's images have."""

from __future__ import annotations

import numpy as np

from ..readings import Point
from .geometry import similarity
from .pyramid import Pyramid

SIDE = 48
"""Side of the crop, in pixels: FER2013's."""

EYES_AND_MOUTH = np.array([(0.3115, 0.396), (0.6885, 0.396), (0.5, 0.780)])
"""Where the eye on the left, the eye on the right and the mouth lie in a crop, in units of its side.

Medians of what the face detector sees on 2,289 of FER2013's Training images, made symmetric.
"""


def align(pyramid: Pyramid, eyes: tuple[Point, Point], mouth: Point) -> np.ndarray:
    """Cut a face out of a picture, upright, at FER2013's scale and position.

    By the eyes and the mouth together: the eyes of a head turned aside stand close, and alone would enlarge it.

    Args:
        pyramid: The picture.
        eyes: The eye on the left of the picture, then the one on the right.
        mouth: Its middle.

    Returns:
        Uint8 RGB (48, 48, 3).
    """
    return pyramid.cut(similarity(np.array([*eyes, mouth]), EYES_AND_MOUTH * SIDE), SIDE)
