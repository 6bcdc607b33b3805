"""How an array of a pack is kept: by the first codec that suits it. Needs nothing but NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from training import codec, components

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
        stream = codec.encode_bytes(values[..., 0].astype(np.uint8), drop)
        return {"stream": np.frombuffer(stream, np.uint8), "shape": np.array(values.shape[:3])}

    def decode_pictures(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        return codec.decode_bytes(arrays["stream"].tobytes(), tuple(arrays["shape"].tolist()), drop)[..., None]

    return Codec(drop == 0, _are_pictures, encode_pictures, decode_pictures)


def _vary(values: np.ndarray) -> bool:
    return np.issubdtype(values.dtype, np.floating) and values[0].size > 1 and bool(0 < values.std() < np.inf)


def _encode_components(values: np.ndarray) -> dict[str, np.ndarray]:
    flat = values.reshape(len(values), -1).astype(np.float32)
    error = _ERROR * float(values.std(dtype=np.float64))
    return components.encode_components(flat, error) | {"shape": np.array(values.shape)}


def _decode_components(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    return components.decode_components(arrays).reshape(arrays["shape"])


CODECS: Mapping[str, Codec] = {
    "pictures": _pictures(_DROP),
    "exact-pictures": _pictures(0),
    "components": Codec(False, _vary, _encode_components, _decode_components),
    "exact": Codec(True, lambda values: True, lambda values: {"values": values}, lambda arrays: arrays["values"]),
}
"""All ways by name, in the order in which they are preferred."""
