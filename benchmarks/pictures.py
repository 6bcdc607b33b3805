"""Pictures and clips for measurements, made from the portrait of an astronaut (NASA) in scikit-image."""

from __future__ import annotations

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
