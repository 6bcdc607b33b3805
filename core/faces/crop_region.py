"""Where in an aligned crop the face lies, seen by a small network in a fraction of the time of a look at the points.

Alignment brings a face near the middle of its crop, but how a network of the mesh is shown a face moves its points by
more than many an expression, so that faces have to be shown alike.
"""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np

from ..runtime.pool import Pool
from .alignment import SIDE
from .mesh_network import Network

WEIGHTS_FILE = Path(__file__).with_name("crop_region.tflite")
"""LiteRT file of a network from a grey crop, float32 (1, 48, 48, 1) with grey levels 0 to 255, to float32 (1, 4): x and
y of the middle of the mesh's box and the logarithm of the box's longer side, all three in sides of the crop, and the
tilt of the line of the eyes, in units of `TILT`. `python -m training crop-region` fits it to the meshes of Training.
"""

TILT = 30.0
"""Degrees that count as much as one side of the crop."""


def box_in_crop(crop: np.ndarray) -> tuple[tuple[float, float], float, float]:
    """The box around the points of the face in an aligned crop. Safe in threads.

    Args:
        crop: Uint8 RGB (side, side, 3).

    Returns:
        Centre (x, y) and longer side, in pixels of the crop, and the tilt of the line of the eyes, in degrees.

    Examples:
        >>> (x, y), side, tilt = box_in_crop(np.zeros((48, 48, 3), np.uint8))
    """
    side = crop.shape[0]
    seen = crop if side == SIDE else cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    with _networks().borrow() as network:
        x, y, log_side, tilt = network.run(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)).tolist()
    return (x * side, y * side), float(np.exp(log_side)) * side, tilt * TILT


class _Placing(Network):
    def run(self, grey: np.ndarray) -> np.ndarray:
        (numbers,) = self.invoke(grey[None, ..., None].astype(np.float32))
        return numbers[0]


@functools.cache
def _networks() -> Pool[_Placing]:
    content = WEIGHTS_FILE.read_bytes()
    return Pool(lambda: _Placing(content))
