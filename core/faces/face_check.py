"""Whether a crop shows a face at all: a second opinion where the detector is in doubt.

A logistic regression on histograms of oriented gradients (Dalal and Triggs 2005): the shape of a face in any light.
"""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np

from .alignment import SIDE

WEIGHTS_FILE = Path(__file__).with_name("face_check.npy")
"""NumPy file with float32 (1765,): a weight for each number of `oriented_gradients`, then the bias, as
`python -m training face-check` writes them."""

_CELLS = 8  # along each side of the crop
_BINS = 9  # of 20 degrees; light on dark and dark on light are one direction
_LARGEST = 0.2  # of a block's numbers, so that no single edge outweighs the rest
_FAINT = 4.0  # in a block of less gradient there is noise and nothing else

_ROW_OR_COLUMN = np.arange(SIDE) * _CELLS // SIDE
_CELL_OF_PIXEL = np.add.outer(_ROW_OR_COLUMN * _CELLS, _ROW_OR_COLUMN) * _BINS  # its first bin
_NUMBERS = _CELLS * _CELLS * _BINS

_HALF_TURN = np.float32(np.pi)
_LOWER_BIN = np.array([*range(_BINS), _BINS - 1])  # by the bin's number, -1 standing for the last: directions go round
_UPPER_BIN = np.array([*range(1, _BINS), 0, 0])


def face_likelihood(crop: np.ndarray) -> float:
    """The probability, 0 to 1, that a crop shows a face, upright and where a face should be.

    Args:
        crop: Uint8 RGB (48, 48, 3), as `alignment.align` cuts it.

    Examples:
        >>> face_likelihood(np.zeros((48, 48, 3), np.uint8)) < 0.5
        True
    """
    weights = _weights()
    return float(1 / (1 + np.exp(-(oriented_gradients(crop) @ weights[:-1] + weights[-1]))))


def oriented_gradients(crop: np.ndarray) -> np.ndarray:
    """Histograms of a crop's gradients by direction in 8x8 cells, normalised in 7x7 overlapping blocks of 2x2 cells.

    Args:
        crop: Uint8 RGB (48, 48, 3).

    Returns:
        Float32 (1764,).
    """
    grey = np.sqrt(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    padded = cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    across, down = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    # Each gradient is shared by the two bins whose middles lie nearest.
    angle = np.arctan2(down, across)
    angle += np.where(angle < 0, _HALF_TURN, 0)
    place = angle * (_BINS / _HALF_TURN) - np.float32(0.5)
    lower = np.floor(place)
    strength = np.hypot(across, down)
    upper_share = strength * (place - lower)
    bin_of_lower = lower.astype(np.intp)  # -1 to 8
    cells = np.bincount((_CELL_OF_PIXEL + _LOWER_BIN[bin_of_lower]).ravel(), (strength - upper_share).ravel(), _NUMBERS)
    cells += np.bincount((_CELL_OF_PIXEL + _UPPER_BIN[bin_of_lower]).ravel(), upper_share.ravel(), _NUMBERS)
    cells = cells.reshape(_CELLS, _CELLS, _BINS)
    blocks = np.concatenate([cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]], axis=2)
    blocks = np.minimum(blocks / np.sqrt((blocks**2).sum(axis=2, keepdims=True) + _FAINT), _LARGEST)
    blocks = blocks / np.sqrt((blocks**2).sum(axis=2, keepdims=True) + 0.01)
    return blocks.astype(np.float32).ravel()


@functools.cache
def _weights() -> np.ndarray:
    return np.load(WEIGHTS_FILE, allow_pickle=False)
