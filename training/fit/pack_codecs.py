"""How an array of a pack is kept: by the first codec that suits it. Needs nothing but NumPy."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


def encode_bytes(pictures: np.ndarray, drop: int = 0) -> bytes:
    """Uint8 pictures (n, height, width) as bytes for `decode`.

    A pixel is guessed from its left, upper and upper left neighbours (left + upper - upper left), and what the guess
    is off by is Huffman-coded, the same place of all pictures together.

    Args:
        pictures: What is to be kept.
        drop: Lowest bits of each pixel to leave out: 0 is exact, with 2 a pixel is off by 2 grey levels at most, 1 on
            average.
    """
    kept = pictures.transpose(1, 2, 0) >> np.uint8(drop)
    for axis in (0, 1):
        kept = np.diff(kept, axis=axis, prepend=np.uint8(0))  # modulo 256, as uint8 goes
    packer = zlib.compressobj(9, zlib.DEFLATED, strategy=zlib.Z_HUFFMAN_ONLY)  # noise: nothing recurs
    return packer.compress((kept & _mask(drop)).tobytes()) + packer.flush()


def decode_bytes(stream: bytes, shape: tuple[int, int, int], drop: int = 0) -> np.ndarray:
    """The pictures, uint8 of the shape (n, height, width), that `encode` wrote with the same `drop`.

    Raises:
        ValueError: the bytes are not of so many pictures of this size.
    """
    n, height, width = shape
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(stream, max_length=n * height * width + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(content) != n * height * width:
        raise ValueError("its pictures are cut short or too many")
    kept = np.frombuffer(content, np.uint8).reshape(height, width, n)
    for axis in (0, 1):
        kept = np.cumsum(kept, axis=axis, dtype=np.uint8)
    kept = ((kept & _mask(drop)) << np.uint8(drop)) + np.uint8((1 << drop) // 2)  # the middle of what was dropped
    return np.ascontiguousarray(kept.transpose(2, 0, 1))


def _mask(drop: int) -> np.uint8:
    return np.uint8(255 >> drop)


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


_DROP = 2  # bits: 33 MB for FER2013, off by one grey level on average
_ERROR = 1 / 200  # of the standard deviation: 4 MB for FER2013's meshes


@dataclass(frozen=True)
class Codec:
    """One way of keeping an array (n, ...).

    Attributes:
        is_lossless: Whether it comes back as it was.
        suits: Whether it can keep such an array.
        encode: To arrays by name, which are deflated when they are written.
        decode: Back from them.
    """

    is_lossless: bool
    suits: Callable[[np.ndarray], bool]
    encode_column: Callable[[np.ndarray], dict[str, np.ndarray]]
    decode_column: Callable[[Mapping[str, np.ndarray]], np.ndarray]


def encode_column(values: np.ndarray, lossless: bool) -> tuple[str, dict[str, np.ndarray]]:
    """The name of the first of `CODECS` that suits an array, and what it makes of it."""
    name = next(name for name, one in CODECS.items() if one.suits(values) and (one.is_lossless or not lossless))
    return name, CODECS[name].encode(values)


def decode_column(name: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """What `encode` took, in another dtype perhaps.

    Raises:
        ValueError, LookupError: the arrays are not what it gave.
    """
    return CODECS[name].decode(arrays)


def _are_pictures(values: np.ndarray) -> bool:
    return values.ndim == 4 and values.shape[3] == 1 and bool((values == values.astype(np.uint8)).all())


def _pictures(drop: int) -> Codec:
    def encode_pictures(values: np.ndarray) -> dict[str, np.ndarray]:
        stream = encode_bytes(values[..., 0].astype(np.uint8), drop)
        return {"stream": np.frombuffer(stream, np.uint8), "shape": np.array(values.shape[:3])}

    def decode_pictures(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        return decode_bytes(arrays["stream"].tobytes(), tuple(arrays["shape"].tolist()), drop)[..., None]

    return Codec(drop == 0, _are_pictures, encode_pictures, decode_pictures)


def _vary(values: np.ndarray) -> bool:
    return np.issubdtype(values.dtype, np.floating) and values[0].size > 1 and bool(0 < values.std() < np.inf)


def _encode_components(values: np.ndarray) -> dict[str, np.ndarray]:
    flat = values.reshape(len(values), -1).astype(np.float32)
    error = _ERROR * float(values.std(dtype=np.float64))
    return encode_components(flat, error) | {"shape": np.array(values.shape)}


def _decode_components(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    return decode_components(arrays).reshape(arrays["shape"])


CODECS: Mapping[str, Codec] = {
    "pictures": _pictures(_DROP),
    "exact-pictures": _pictures(0),
    "components": Codec(False, _vary, _encode_components, _decode_components),
    "exact": Codec(True, lambda values: True, lambda values: {"values": values}, lambda arrays: arrays["values"]),
}
"""All ways by name, in the order in which they are preferred."""
