"""Whether what the detector found is a face at all: other opinions, where it is in doubt.

One is a logistic regression on histograms of oriented gradients of the crop (Dalal and Triggs 2005), the shape of a
face in any light; one is the mesh network, which says whether it sees a face where it places the points.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from ..errors import AssetError
from . import mesh_network
from .alignment import SIDE, crop_of
from .detector import Detection
from .geometry import tilt, window
from .pyramid import Pyramid

WEIGHTS_FILE = Path(__file__).with_name("face_check.npz")
"""NumPy file as `python -m training face-check` writes it: float32 `gradients` (1765,), a weight for each number of
`oriented_gradients`, then the bias; and the weights of the evidence, then the bias, with the mesh network, float32
`evidence` (5,), and without it, `evidence_without_mesh` (3,)."""

BAR = 0.96
"""Probability from which a detection is believed. Nearly all faces of PublicTest in photographs lie above it or far
below; what is no face, in pictures of rockets and engines, comes up to it."""

FILLING_BAR = 0.15
"""Probability from which what fills a picture is believed, where nothing else was found in it: people bring pictures
that are one face, and in doubt such a picture is one. Of 322 pictures and patterns without a face two are believed."""

_SUREST = 4.0  # log odds of 98%, beyond which no opinion counts for more
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


class FaceCheck:
    """Weighs the evidence for a face; one check serves any number of threads.

    On a machine without the mesh network's file, the crop's gradients alone are asked.

    Args:
        weights: Arrays as in `WEIGHTS_FILE`; those of that file if None.
    """

    def __init__(self, weights: Mapping[str, np.ndarray] | None = None) -> None:
        self._weights = weights or load_weights()
        self._mesh = _mesh()

    def probability(self, pyramid: Pyramid, detection: Detection) -> float:
        """How likely a detection is to be a face, 0 to 1, among all that detectors take for one.

        Args:
            pyramid: The picture.
            detection: Average of what close-ups of a candidate found.
        """
        weights = self._weights["evidence" if self._mesh else "evidence_without_mesh"]
        return _sigmoid(self.evidence(pyramid, detection) @ weights[:-1] + weights[-1])

    def evidence(self, pyramid: Pyramid, detection: Detection) -> np.ndarray:
        """The numbers that speak for or against a face.

        Args:
            pyramid: The picture.
            detection: Average of what close-ups of a candidate found.

        Returns:
            Float64 (4,), or (2,) without the mesh network: the detector's mean score, then log odds of a face by the
            crop's gradients, and by the mesh network in a narrow window and in a wide one.
        """
        opinions = [detection.score, _log_odds(face_likelihood(crop_of(pyramid, detection), self._weights))]
        if self._mesh:
            roll = tilt(*detection.points[:2])
            centre, side = tuple(detection.box[:2] + detection.box[2:] / 2), detection.box[2]
            for reach in (1.5, 2.0):
                matrix = window(centre, side * reach, self._mesh.size, turn=roll)
                _, probability = self._mesh(pyramid.cut(matrix, self._mesh.size, cv2.BORDER_CONSTANT))
                opinions.append(_log_odds(probability))
        return np.array(opinions)


def face_likelihood(crop: np.ndarray, weights: Mapping[str, np.ndarray] | None = None) -> float:
    """The probability, 0 to 1, that a crop shows a face, upright and where a face should be.

    Args:
        crop: Uint8 RGB (48, 48, 3), as `alignment.align` cuts it.
        weights: Arrays as in `WEIGHTS_FILE`; those of that file if None.

    Examples:
        >>> face_likelihood(np.zeros((48, 48, 3), np.uint8)) < 0.5
        True
    """
    gradients = (weights or load_weights())["gradients"]
    return _sigmoid(oriented_gradients(crop) @ gradients[:-1] + gradients[-1])


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
def load_weights() -> dict[str, np.ndarray]:
    """The arrays of `WEIGHTS_FILE` by their names."""
    with np.load(WEIGHTS_FILE, allow_pickle=False) as arrays:
        return dict(arrays)


@functools.cache
def _mesh() -> mesh_network.PointNetwork | None:
    try:
        return mesh_network.small_network()
    except AssetError:
        return None


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def _log_odds(probability: float) -> float:
    """Logarithm of the odds, cut off at the bounds of what a classifier can be sure of."""
    return float(np.clip(np.log(max(probability, 1e-9) / max(1 - probability, 1e-9)), -_SUREST, _SUREST))
