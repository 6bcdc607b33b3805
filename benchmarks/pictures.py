"""Pictures and clips for measurements, made from the portrait of an astronaut (NASA) in scikit-image."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image
from skimage.data import astronaut

_AWAY = 64  # pixels, the largest shift from the middle


def frame(shift: int = 0) -> np.ndarray:
    """Make a frame in which one face is 100 pixels high.

    Args:
        shift: Distance of the face from the middle, in pixels, to the right.

    Returns:
        uint8 (480, 640, 3), RGB.
    """
    canvas = np.full((480, 640, 3), 90, np.uint8)
    canvas[:, 64 + shift : 576 + shift] = astronaut()[:480]
    return canvas


def frames(count: int) -> list[np.ndarray]:
    """Frames in which the face moves from side to side and back."""
    return [frame(round(_AWAY * np.sin(2 * np.pi * index / count))) for index in range(count)]


def photograph(folder: Path) -> Path:
    """Write a frame as a JPEG file into a folder."""
    path = folder / "photograph.jpg"
    Image.fromarray(frame()).save(path, quality=92)
    return path


def write_clip(path: Path, minutes: float, rate: int, size: tuple[int, int]) -> None:
    """Write a video in which a moving face and nobody alternate every ten seconds.

    Args:
        path: MP4 file to write.
        minutes: Length in minutes.
        rate: Frames a second.
        size: Width and height in pixels.
    """
    width, height = size
    face = np.asarray(Image.fromarray(astronaut()[:300, 80:380]).resize((height, height)))
    empty = np.full((height, width, 3), 90, np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(minutes * 60 * rate)):
            picture = empty.copy()
            seconds = number / rate
            if seconds // 10 % 2 == 0:
                left = round((width - height) * (0.5 + 0.5 * np.sin(seconds)))
                picture[:, left : left + height] = face
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def heic(picture: np.ndarray) -> bytes:
    """Make a HEIC file (ISO/IEC 23008-12) of one picture in HEVC, as phones write it; no library here writes any.

    Args:
        picture: uint8 (height, width, 3), RGB, of even sides.
    """
    film = io.BytesIO()
    with av.open(film, "w", format="mp4") as container:
        stream = container.add_stream("libx265", rate=1, options={"x265-params": "log-level=none:lossless=1:bframes=0"})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv444p"
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = 0, Fraction(1)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with av.open(io.BytesIO(film.getvalue())) as container:
        coded = bytes(next(container.demux(video=0)))
    start = film.getvalue().index(b"hvcC") - 4
    hvcc = film.getvalue()[start : start + int.from_bytes(film.getvalue()[start : start + 4])]
    size = _full_box(b"ispe", struct.pack(">II", picture.shape[1], picture.shape[0]))

    def meta(offset: int) -> bytes:
        return _full_box(
            b"meta",
            _full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
            _full_box(b"pitm", struct.pack(">H", 1)),
            _full_box(b"iloc", b"\x44\0", struct.pack(">HHHHII", 1, 1, 0, 1, offset, len(coded))),
            _full_box(b"iinf", struct.pack(">H", 1), _full_box(b"infe", b"\0\1\0\0hvc1\0", version=2)),
            _box(b"iprp", _box(b"ipco", hvcc, size), _full_box(b"ipma", struct.pack(">IHB", 1, 1, 2), b"\x81\x02")),
        )

    head = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + _box(b"mdat", coded)


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + name + body


def _full_box(name: bytes, *parts: bytes, version: int = 0) -> bytes:
    return _box(name, bytes([version, 0, 0, 0]), *parts)
