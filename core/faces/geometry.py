"""Plane geometry: similarity maps from a picture to a patch, as 2x3 float64 matrices, and the overlap of boxes.

Points are (x, y) in pixels, y downwards, and the corner of the first pixel is (0, 0).
"""

from __future__ import annotations

import numpy as np


def similarity(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The rotation, scale and shift that brings points nearest to targets (least squares; Umeyama 1991).

    Args:
        points: Float (n, 2), at least two of them different.
        targets: Float (n, 2), where each point should come to lie.

    Returns:
        Float64 matrix (2, 3).

    Examples:
        >>> matrix = similarity(np.array([(0.0, 0.0), (1.0, 0.0)]), np.array([(5.0, 5.0), (7.0, 5.0)]))
        >>> apply(matrix, np.array([(0.5, 1.0)])).tolist()
        [[6.0, 7.0]]
    """
    z, w = points @ (1, 1j), targets @ (1, 1j)
    about = z - z.mean()
    factor = ((w - w.mean()) * about.conj()).sum() / max((np.abs(about) ** 2).sum(), 1e-9)
    return _matrix(factor, w.mean() - factor * z.mean())


def window(centre: tuple[float, float], side: float, size: int, *, turn: float = 0.0) -> np.ndarray:
    """The map that brings a square window of a picture onto a patch.

    Args:
        centre: Centre of the window, (x, y), in pixels of the picture.
        side: Side length of the window, in pixels of the picture.
        size: Side length of the patch, in pixels.
        turn: Rotation of the window, in degrees, clockwise in the picture.

    Returns:
        Float64 matrix (2, 3).

    Examples:
        >>> apply(window((50, 50), side=100, size=10), np.array([(100.0, 50.0)])).tolist()
        [[10.0, 5.0]]
    """
    factor = size / side * np.exp(-1j * np.radians(turn))
    return _matrix(factor, complex(size / 2, size / 2) - factor * complex(*centre))


def mirrored(matrix: np.ndarray, size: int) -> np.ndarray:
    """The map onto the mirror image, left for right, of the patch that a matrix leads to.

    Args:
        matrix: Float64 (2, 3), a map onto a patch.
        size: Side length of the patch, in pixels.
    """
    return np.array([[-1.0, 0.0, size], [0.0, 1.0, 0.0]]) @ np.vstack([matrix, (0, 0, 1)])


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The map from the patch back to the picture, a float64 matrix (2, 3) like the one given."""
    return np.linalg.inv(np.vstack([matrix, (0, 0, 1)]))[:2]


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The points, float (n, 2), mapped by a matrix (2, 3)."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def scale_of(matrix: np.ndarray) -> float:
    """How many pixels of the patch one pixel of the picture becomes, along a side."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def tilt(left: np.ndarray, right: np.ndarray) -> float:
    """How far the line between two points, (x, y) each, is turned in the picture, in degrees clockwise.

    Examples:
        >>> tilt(np.array([0.0, 0.0]), np.array([2.0, 2.0]))
        45.0
    """
    x, y = right - left
    return float(np.degrees(np.arctan2(y, x)))


def intersection_over_union(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """How far boxes lie on one another: the area that two share, as a share of the area that both cover.

    Args:
        boxes: Float (n, 4), or (4,) for a single one: left, top, width, height.
        box: Float (4,), the box to compare each of them with.

    Returns:
        Float (n,), or a scalar for a single box: 0 for boxes that do not touch, 1 for equal ones.

    Examples:
        >>> float(intersection_over_union(np.array([0.0, 0, 2, 2]), np.array([1.0, 0, 2, 2])))
        0.3333333333333333
    """
    sides = np.minimum(boxes[..., :2] + boxes[..., 2:], box[:2] + box[2:]) - np.maximum(boxes[..., :2], box[:2])
    shared = sides.clip(0).prod(axis=-1)
    return shared / (boxes[..., 2:].prod(axis=-1) + box[2:].prod() - shared)


def _matrix(factor: complex, shift: complex) -> np.ndarray:
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])
