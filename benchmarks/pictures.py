"""The pictures that are measured with: the astronaut (NASA), which scikit-image brings."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image
from skimage.data import astronaut

_AWAY = 64  # pixels that she may stand from the middle


def frame(shift: int = 0) -> np.ndarray:
    """Uint8 RGB (480, 640, 3) in which her face is 100 pixels high, some pixels from the middle."""
    canvas = np.full((480, 640, 3), 90, np.uint8)
    canvas[:, 64 + shift : 576 + shift] = astronaut()[:480]
    return canvas


def frames(count: int) -> list[np.ndarray]:
    """Frames in which she wanders from side to side."""
    return [frame(round(_AWAY * np.sin(2 * np.pi * index / count))) for index in range(count)]


def photograph(folder: Path) -> Path:
    """A frame as a JPEG."""
    path = folder / "photograph.jpg"
    Image.fromarray(frame()).save(path, quality=92)
    return path


def write_clip(path: Path, minutes: float, rate: int, size: tuple[int, int]) -> None:
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
