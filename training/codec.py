"""Many small grey pictures as one short string of bytes, exactly or almost. Needs nothing but NumPy and zlib."""

from __future__ import annotations

import zlib

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
