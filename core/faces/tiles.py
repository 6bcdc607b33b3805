"""Windows: the squares of a picture that are searched for faces, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .detector import SHORT_RANGE, SIZE, FaceNetwork
from .geometry import window
from .pyramid import Pyramid

SMALLEST = 24
"""Side length of the crop of the smallest faces that are searched for, in pixels."""

TILES_A_ROUND = 3
"""How many tiles a stream searches between two searches of the whole picture."""

_LARGEST = 12_000_000
"""How many pixels a phone's photo has. In a larger picture the smallest faces grow with it, so that no search takes
longer."""

_OVERLAP = 0.25  # of two neighbouring tiles, in units of their side


def whole(pyramid: Pyramid, border: float, size: int = SIZE, turn: float = 0.0) -> np.ndarray:
    """The window that shows all of a picture.

    Args:
        pyramid: The picture.
        border: Width of the border to show around the picture, in units of its longer side.
        size: Side length of the patch that the window is mapped onto, in pixels.
        turn: Rotation of the window, in degrees, clockwise in the picture.

    Returns:
        Float64 matrix (2, 3) of `geometry`, onto the patch.
    """
    side = max(pyramid.width, pyramid.height) * (1 + 2 * border)
    return window((pyramid.width / 2, pyramid.height / 2), side, size, turn=turn)


def pyramid_tiles(pyramid: Pyramid, network: FaceNetwork, smallest: float = SMALLEST) -> Iterator[np.ndarray]:
    """Ever smaller tiles of a picture that overlap by a quarter.

    Each level leaves to the one above what is larger than its overlap, and the first to a look at the whole picture by
    the short-range detector. There are at most some three thousand tiles for the short-range network, and four hundred
    for the other.

    Args:
        pyramid: The picture.
        network: The network that will search the tiles.
        smallest: Side length of the crop of the smallest faces to be found, in pixels.

    Yields:
        Float64 matrices (2, 3) of `geometry`, each onto a patch of the network's size.

    Examples:
        >>> len(list(pyramid_tiles(Pyramid(np.zeros((480, 640, 3), np.uint8)), SHORT_RANGE)))
        81
    """
    smallest = max(smallest, SMALLEST * np.sqrt(pyramid.width * pyramid.height / _LARGEST))
    least, longest = smallest * network.reach, max(pyramid.width, pyramid.height)
    levels = max(0, int(np.ceil(np.log(longest / least) / np.log(network.step) - 1e-9)))
    # The whole picture is the first level for the full-range network, but for one level of tiles beneath it: what they
    # leave, the short-range detector sees.
    for side in np.geomspace(longest, least, levels + 1)[levels == 1 or network is SHORT_RANGE :]:
        for y in _centres(pyramid.height, side):
            for x in _centres(pyramid.width, side):
                yield window((x, y), side, network.size)


def stream_windows(pyramid: Pyramid) -> list[np.ndarray]:
    """Windows to search one after the other over time for new faces: the whole picture, then a few tiles, and so on.

    The tiles are few and large, for faces as large as a webcam's.

    Args:
        pyramid: A picture of the stream.

    Returns:
        Float64 matrices (2, 3) of `geometry`, each onto a patch of the short-range detector's size.
    """
    smallest = max(2 * SMALLEST, max(pyramid.width, pyramid.height) / 27)
    others = [whole(pyramid, border=0.3), *pyramid_tiles(pyramid, SHORT_RANGE, smallest)]
    rounds = [others[start : start + TILES_A_ROUND] for start in range(0, len(others), TILES_A_ROUND)]
    return [matrix for tiles in rounds for matrix in (whole(pyramid, border=0.0), *tiles)]


def _centres(length: int, side: float) -> np.ndarray:
    """Centres of tiles along one axis; the outermost end at the picture's edge."""
    first, last = side / 2, length - side / 2
    if last <= first:
        return np.array([length / 2])
    return np.linspace(first, last, int(np.ceil((last - first) / (side * (1 - _OVERLAP)))) + 1)
