"""Many vectors that lie near a plane of few dimensions, as faces' meshes do, in few bytes. Needs nothing but NumPy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

_ROWS = 4096  # at a time, so that copies in float64 stay small


def encode_components(values: np.ndarray, error: float) -> dict[str, np.ndarray]:
    """Float32 vectors (n, d) as arrays that deflate well; `decode` gives each number back, off by `error` at most.

    Kept are the principal components (Pearson 1901; about zero, so that a vector of zeros stays one) and, in whole
    steps, how much of each is in each vector. Numbers that come out farther off are kept as they are beside it.

    Args:
        values: What is to be kept, all finite.
        error: Above 0.
    """
    step = 2 * error
    basis = _components(values, least=(step / 4) ** 2)  # found best on meshes: half as many bytes as with step / 1
    amounts = np.rint(values @ basis.T / np.float32(step)).astype(np.int32)
    missed = np.flatnonzero(np.abs(_sums(amounts, basis, step) - values) > error)
    return {
        "basis": basis,
        "step": np.float64(step),
        "amounts": _planes(amounts),
        "missed_gaps": np.diff(missed, prepend=0).astype(np.uint32),
        "missed": values.ravel()[missed],
    }


def decode_components(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The vectors, float32 (n, d), that `encode` took.

    Raises:
        ValueError, LookupError: the arrays are not what it gave.
    """
    values = _sums(_whole(arrays["amounts"]), arrays["basis"], float(arrays["step"]))
    values.ravel()[np.cumsum(arrays["missed_gaps"], dtype=np.int64)] = arrays["missed"]
    return values


def _components(values: np.ndarray, least: float) -> np.ndarray:
    """Float32 (k, d): unit vectors, all along which the vectors' mean square is above `least`, the largest first."""
    products = np.zeros((values.shape[1], values.shape[1]))
    for start in range(0, len(values), _ROWS):
        part = values[start : start + _ROWS].astype(np.float64)
        products += part.T @ part
    squares, axes = np.linalg.eigh(products / len(values))
    return np.ascontiguousarray(axes[:, squares > least].T[::-1], np.float32)


def _sums(amounts: np.ndarray, basis: np.ndarray, step: float) -> np.ndarray:
    return (amounts.astype(np.float32) * np.float32(step)) @ basis


def _planes(amounts: np.ndarray) -> np.ndarray:
    """Int32 (n, k) as uint8 (4, k, n): the lowest bytes first, the sign in the lowest bit, so that most are zeros."""
    folded = ((amounts << 1) ^ (amounts >> 31)).astype("<u4").T
    return np.ascontiguousarray(
        np.ascontiguousarray(folded).view(np.uint8).reshape(*folded.shape, 4).transpose(2, 0, 1)
    )


def _whole(planes: np.ndarray) -> np.ndarray:
    folded = np.ascontiguousarray(planes.transpose(2, 1, 0)).view("<u4")[..., 0]
    return (folded >> 1).astype(np.int32) ^ -(folded & 1).astype(np.int32)
