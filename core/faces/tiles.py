"""Tiles: the square windows of a picture that are searched for faces, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .detector import SIZE
from .geometry import window
from .pyramid import Pyramid

SMALLEST = 110
"""Side length of the smallest tiles, in pixels: a face of 24 pixels fills a fifth of one, about the least that the
detector finds."""

_LARGEST = 12_000_000
"""How many pixels a phone's photo has. In a larger picture the smallest tiles grow with it, so that no search takes
longer."""


def whole(pyramid: Pyramid, border: float) -> np.ndarray:
    """The window that shows all of a picture.

    Args:
        pyramid: The picture.
        border: Width of the border to show around the picture, in units of its longer side.

    Returns:
        Float64 matrix (2, 3) of `geometry`, onto a patch of the detector's size.
    """
    side = max(pyramid.width, pyramid.height) * (1 + 2 * border)
    return window((pyramid.width / 2, pyramid.height / 2), side, SIZE)


def pyramid_tiles(pyramid: Pyramid, smallest: float = SMALLEST) -> Iterator[np.ndarray]:
    """The whole picture, without and with a border, then ever smaller tiles that overlap by a quarter.

    There are at most some three thousand of them. The detector finds a face that fills a sixth of a tile or more; each
    level leaves what is larger than its overlap to the level above.

    Args:
        pyramid: The picture.
        smallest: Side length of the smallest tiles, in pixels.

    Yields:
        Float64 matrices (2, 3) of `geometry`, each onto a patch of the detector's size.

    Examples:
        >>> len(list(pyramid_tiles(Pyramid(np.zeros((480, 640, 3), np.uint8)))))
        86
    """
    yield whole(pyramid, border=0.0)
    yield whole(pyramid, border=0.3)
    smallest = max(smallest, SMALLEST * np.sqrt(pyramid.width * pyramid.height / _LARGEST))
    largest = max(pyramid.width, pyramid.height) / 1.5
    if largest < smallest:
        return
    steps = int(np.ceil(np.log(largest / smallest) / np.log(1.6)))
    for side in np.geomspace(largest, smallest, steps + 1):
        for y in _centres(pyramid.height, side):
            for x in _centres(pyramid.width, side):
                yield window((x, y), side, SIZE)


def stream_windows(pyramid: Pyramid) -> list[np.ndarray]:
    """Windows to search one after the other over time for new faces: the whole picture in turn with each tile.

    The tiles are few and large, for faces as large as a webcam's.

    Args:
        pyramid: A picture of the stream.

    Returns:
        Float64 matrices (2, 3) of `geometry`, each onto a patch of the detector's size.
    """
    smallest = max(2 * SMALLEST, max(pyramid.width, pyramid.height) / 6)
    first, *others = pyramid_tiles(pyramid, smallest)
    return [matrix for other in others for matrix in (first, other)]


def _centres(length: int, side: float) -> np.ndarray:
    """Centres of tiles along one axis; the outermost reach an eighth over the edge."""
    first, last = side * 3 / 8, length - side * 3 / 8
    if last <= first:
        return np.array([length / 2])
    return np.linspace(first, last, int(np.ceil((last - first) / (side * 0.75))) + 1)
