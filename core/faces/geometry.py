"""Plane geometry: similarity maps as 2x3 float64 matrices, from the points of a picture to those of a patch."""

from __future__ import annotations

import numpy as np


def similarity(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The turn, scale and shift that brings `points` nearest to `targets` (least squares; Umeyama 1991).

    Args:
        points: (n, 2), at least two of them different.
        targets: (n, 2).

    Returns:
        Matrix (2, 3).
    """
    z, w = points @ (1, 1j), targets @ (1, 1j)
    about = z - z.mean()
    factor = ((w - w.mean()) * about.conj()).sum() / max((np.abs(about) ** 2).sum(), 1e-9)
    return _matrix(factor, w.mean() - factor * z.mean())


def window(centre: tuple[float, float], side: float, size: int, *, turn: float = 0.0) -> np.ndarray:
    """The map that brings a square of a picture onto a patch.

    Args:
        centre: Of the square, (x, y).
        side: Of the square, in pixels of the picture.
        size: Of the patch, in pixels.
        turn: Of the square, degrees clockwise in the picture.

    Returns:
        Matrix (2, 3).
    """
    factor = size / side * np.exp(-1j * np.radians(turn))
    return _matrix(factor, complex(size / 2, size / 2) - factor * complex(*centre))


def mirrored(matrix: np.ndarray, size: int) -> np.ndarray:
    """The same map, onto the mirror image of its patch."""
    return np.array([[-1.0, 0.0, size], [0.0, 1.0, 0.0]]) @ np.vstack([matrix, (0, 0, 1)])


def inverse(matrix: np.ndarray) -> np.ndarray:
    """From the patch back to the picture."""
    return np.linalg.inv(np.vstack([matrix, (0, 0, 1)]))[:2]


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Map points (n, 2)."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def scale_of(matrix: np.ndarray) -> float:
    """Pixels of the patch for a pixel of the picture."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def _matrix(factor: complex, shift: complex) -> np.ndarray:
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])
