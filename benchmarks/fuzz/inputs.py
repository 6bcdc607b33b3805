"""Random and altered pictures, each of which depends on a seed and its own number only."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from benchmarks.fuzz.seeds import pictures
from benchmarks.pictures import frame

_SIZES = (0, 1, 2, 255, 256, 7_071, 16_384, 32_767, 32_768, 65_535, 65_536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
_PNG = b"\x89PNG\r\n\x1a\n"

Rng = np.random.Generator


class Inputs:
    """The inputs of one seed.

    Args:
        seed: Seed of the random numbers; the same seed gives the same inputs.
    """

    def __init__(self, seed: int) -> None:
        self._seed, self._seeds = seed, pictures()

    def make(self, number: int) -> tuple[str, bytes]:
        """Make the input of a number: its kind, a key of `KINDS`, and its bytes."""
        rng = np.random.default_rng([self._seed, number])
        kinds = list(KINDS)
        shares = np.array([share for share, _ in KINDS.values()])
        kind = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
        return kind, KINDS[kind][1](rng, list(self._seeds.values()))


def _random(rng: Rng, seeds: list[bytes]) -> bytes:
    beginning = _any(rng, seeds)[: int(rng.choice([0, 4, 16, 40]))]
    return beginning + rng.bytes(int(rng.integers(0, 4000)))


def _flipped(rng: Rng, seeds: list[bytes]) -> bytes:
    data = np.frombuffer(_any(rng, seeds), np.uint8).copy()
    places = _near_the_beginning(rng, len(data), int(rng.choice([1, 2, 4, 16, 64])))
    data[places] ^= (1 << rng.integers(0, 8, len(places))).astype(np.uint8)
    return data.tobytes()


def _overwritten(rng: Rng, seeds: list[bytes]) -> bytes:
    data = bytearray(_any(rng, seeds))
    for place in _near_the_beginning(rng, len(data), int(rng.integers(1, 5))):
        form = str(rng.choice(["<I", ">I", "<H", ">H"]))
        value = struct.pack(form, int(rng.choice(_SIZES)) & (2 ** (8 * struct.calcsize(form)) - 1))
        data[place : place + len(value)] = value
    return bytes(data)


def _cut(rng: Rng, seeds: list[bytes]) -> bytes:
    data = _any(rng, seeds)
    return data[: int(rng.integers(0, len(data)))]


def _spliced(rng: Rng, seeds: list[bytes]) -> bytes:
    head, tail = _any(rng, seeds), _any(rng, seeds)
    return head[: int(rng.integers(1, len(head)))] + tail[int(rng.integers(0, len(tail))) :]


def _repeated(rng: Rng, seeds: list[bytes]) -> bytes:
    data = _any(rng, seeds)
    start, place = rng.integers(0, len(data), 2)
    piece = data[start : start + int(rng.integers(1, 600))] * int(rng.integers(0, 5))
    return data[:place] + piece + data[place + (len(piece) if rng.random() < 0.5 else 0) :]


def _declared(rng: Rng, seeds: list[bytes]) -> bytes:
    """Declare another size in the header; in a PNG the checksum is made to fit."""
    data = bytearray(_any(rng, [seed for seed in seeds if _size_of(seed)]))
    place, form = _size_of(data)
    limit = 2 ** (8 * struct.calcsize(form) // 2) - 1
    struct.pack_into(form, data, place, *(int(rng.choice(_SIZES)) & limit for _ in range(2)))
    if data.startswith(_PNG):
        struct.pack_into(">I", data, 29, zlib.crc32(data[12:29]))
    return bytes(data)


def _mended(rng: Rng, seeds: list[bytes]) -> bytes:
    """Alter a chunk of a PNG and make its checksum fit, so that the alteration reaches the decoder."""
    out, data = [_PNG], _any(rng, [seed for seed in seeds if seed.startswith(_PNG)])
    chunks, place = [], len(_PNG)
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += 12 + length
    chosen = int(rng.integers(0, len(chunks)))
    for number, (name, body) in enumerate(chunks):
        if number == chosen and body:
            if name == b"IDAT" and body.startswith(b"\x78") and rng.random() < 0.7:  # where zlib's stream begins
                body = zlib.compress(_flipped(rng, [zlib.decompressobj().decompress(body)]))
            else:
                body = _overwritten(rng, [body])
        out.append(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)))
    return b"".join(out)


def _exif(rng: Rng, seeds: list[bytes]) -> bytes:
    """An EXIF block of random entries, with an orientation of any value and pointers anywhere."""
    order = str(rng.choice(["<", ">"]))
    tags = rng.choice([0x0112, 0x8769, 0x8825, 0xA005, 0x014A, 0x0201, 0x927C, 0x010F], 6)
    entries = [
        struct.pack(f"{order}HHII", int(tag), int(rng.integers(0, 14)), *map(int, rng.choice(_SIZES, 2)))
        for tag in tags
    ]
    entries.append(struct.pack(f"{order}HHIHH", 0x0112, 3, 1, int(rng.integers(0, 300)), 0))
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    block = b"Exif\0\0" + head + b"".join(entries) + rng.bytes(int(rng.integers(0, 50)))
    jpeg = _any(rng, [seed for seed in seeds if seed.startswith(b"\xff\xd8")])
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


def _whole(rng: Rng, seeds: list[bytes]) -> bytes:
    """Make an undamaged picture of any shape: noise, a plain colour, one stretched face, or many tiny ones."""
    long, short = int(rng.integers(1, 400)), int(rng.integers(1, 400))
    if rng.random() < 0.3:
        long, short = int(rng.choice([600, 5_000, 16_000])), int(rng.integers(1, 4))
    width, height = (long, short) if rng.random() < 0.5 else (short, long)
    face = Image.fromarray(frame()[60:170, 240:340])
    made = rng.integers(0, 4)
    if made == 0:
        image = Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
    elif made == 1:
        image = Image.new("RGB", (width, height), tuple(rng.integers(0, 256, 3).tolist()))
    elif made == 2:
        image = face.resize((width, height))
    else:
        tile = np.asarray(face.resize((44, 48)))
        image = Image.fromarray(np.tile(tile, (height // 48 + 1, width // 44 + 1, 1))[:height, :width])
    return _saved(image, str(rng.choice(_FORMATS)))


def _large(rng: Rng, seeds: list[bytes]) -> bytes:
    """Make an undamaged picture of ten to fifty megapixels that takes few bytes."""
    width, height = [(4_000, 3_000), (7_000, 7_000), (65_535, 700), (700, 65_535), (10_000_000, 1)][rng.integers(0, 5)]
    if rng.random() < 0.5:
        return _saved(Image.new("L", (width, height), 90), "PNG")
    face = np.asarray(Image.fromarray(frame()[60:170, 240:340]).convert("L").resize((44, 48)))
    return _saved(Image.fromarray(np.tile(face, (height // 48 + 1, width // 44 + 1))[:height, :width]), "PNG")


KINDS: dict[str, tuple[float, Callable[[Rng, list[bytes]], bytes]]] = {
    "random bytes": (6, _random),
    "flipped bits": (20, _flipped),
    "overwritten numbers": (15, _overwritten),
    "cut short": (8, _cut),
    "spliced of two": (8, _spliced),
    "parts repeated or left out": (8, _repeated),
    "another size declared": (10, _declared),
    "PNG, altered under right checksums": (10, _mended),
    "odd EXIF": (6, _exif),
    "whole, of any shape": (8.9, _whole),
    "whole, 10 to 50 megapixels": (0.1, _large),
}
"""Share of each kind, in percent, and the function that makes it."""


def _any(rng: Rng, seeds: list[bytes]) -> bytes:
    return seeds[int(rng.integers(0, len(seeds)))]


def _near_the_beginning(rng: Rng, length: int, count: int) -> np.ndarray:
    """Choose places in a file, half of them among its first bytes, where headers are."""
    reach = np.where(rng.random(count) < 0.5, min(length, 200), length)
    return (rng.random(count) * reach).astype(int)


def _size_of(data: bytes | bytearray) -> tuple[int, str] | None:
    """Offset of width and height in a picture's header, and their format for `struct`; None if unknown."""
    if data.startswith(_PNG):
        return 16, ">II"
    if data.startswith(b"GIF8"):
        return 6, "<HH"
    if data.startswith(b"BM"):
        return 18, "<II"
    if data.startswith(b"\xff\xd8") and (found := re.search(rb"\xff[\xc0\xc2]\x00.\x08", bytes(data), re.DOTALL)):
        return found.end(), ">HH"
    return None


def _saved(image: Image.Image, form: str) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form)
    return stream.getvalue()
