"""Photographs made of crops: a dataset's face in a picture where it has to be found first."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 480
SMALLEST, LARGEST = 24, 300
"""Side of the pasted crop, pixels."""

TURN = 20.0
"""Largest turn either way, degrees."""

DIM = 0.7
"""How bright a dim photograph is; every second one is dim."""


def photograph(crop: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Paste a crop into a picture of a made-up place.

    The crop is enlarged or shrunk, turned, tinted as skin in warm or cold light is, and its border fades into the
    ground; every second photograph is darker by 30 %.

    Args:
        crop: Uint8 (48, 48, 3) RGB.
        rng: Of the place, size, turn and tint.

    Returns:
        Uint8 (480, 640, 3) RGB; the centre (x, y) of the pasted crop, and its side in pixels.
    """
    side = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    reach = side * 0.75  # of a square turned by 20 degrees, from its centre
    centre = rng.uniform((reach, reach), (WIDTH - reach, HEIGHT - reach))
    return pasted(crop, _place, centre, side, rng), centre, side


def pasted(
    crop: np.ndarray,
    place: Callable[[np.random.Generator], np.ndarray],
    centre: np.ndarray,
    side: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Paste a crop into a place: turned, tinted and, every second time, dim.

    Args:
        crop: Uint8 (48, 48, 3) RGB.
        place: Makes the ground, (h, w, 3) RGB from 0 to 255.
        centre: Where to, (x, y) in pixels.
        side: Of the crop there, in pixels.
        rng: Of the turn, the tint, the place and the light.

    Returns:
        Uint8 (h, w, 3) RGB.
    """
    turn = cv2.getRotationMatrix2D((23.5, 23.5), rng.uniform(-TURN, TURN), side / 48)
    turn[:, 2] += centre - 23.5
    smooth = cv2.INTER_AREA if side < 48 else cv2.INTER_CUBIC
    tint = rng.uniform((0.95, 0.8, 0.65), (1.0, 0.95, 0.9)) if rng.random() < 0.7 else rng.uniform(0.75, 1.0, 3)
    ground = place(rng)
    size = ground.shape[1::-1]
    face = cv2.warpAffine(crop, turn, size, flags=smooth, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(_FADE, turn, size, flags=cv2.INTER_LINEAR)[..., None]
    picture = alpha * (face * tint) + (1 - alpha) * ground
    dim = DIM if rng.random() < 0.5 else 1.0
    return np.clip(np.round(picture * dim), 0, 255).astype(np.uint8)


def _place(rng: np.random.Generator) -> np.ndarray:
    """Float (480, 640, 3): walls and furniture, as far as a face finder is concerned."""
    corners = rng.uniform(40, 220, (2, 2, 3)).astype(np.float32)
    place = cv2.resize(corners, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    for _ in range(rng.integers(0, 9)):
        (x, y), (width, height) = rng.integers(0, (WIDTH, HEIGHT)), rng.integers(20, 240, 2)
        colour = rng.uniform(20, 240, 3)
        cv2.rectangle(place, (int(x), int(y)), (int(x + width), int(y + height)), colour.tolist(), -1)
    place = cv2.GaussianBlur(place, (0, 0), float(rng.uniform(0.5, 6)))
    return place + rng.normal(0, rng.uniform(0, 8), place.shape)


def _fade() -> np.ndarray:
    """Float32 (48, 48): 1 inside, falling to 0 over the last three pixels before the border."""
    edge = np.minimum(np.arange(48), np.arange(48)[::-1]) / 3
    return np.minimum(1, np.minimum.outer(edge, edge)).astype(np.float32)


_FADE = _fade()
