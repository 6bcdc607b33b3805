"""The pictures that are measured with: the astronaut (NASA), which scikit-image brings."""

from __future__ import annotations

from pathlib import Path

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
