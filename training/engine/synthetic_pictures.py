"""Made-up pictures: photographs that a crop is pasted into, and patterns that a face detector takes for faces."""

from __future__ import annotations

import string
from collections.abc import Callable

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 480
"""Size of a photograph, in pixels."""

SMALLEST, LARGEST = 24, 300
"""Smallest and largest side length of a crop in a photograph, in pixels."""

TURN = 20.0
"""Largest turn of a crop in either direction, in degrees."""

DIM = 0.7
"""Brightness of a dim photograph; every second one is dim."""

NONFACE_SIDE = 200
"""Side length of a pattern, in pixels."""

_Y, _X = np.mgrid[:NONFACE_SIDE, :NONFACE_SIDE].astype(np.float32)


def make_photograph(crop: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Paste a crop into a made-up scene, at a random position and size.

    Args:
        crop: Uint8 (48, 48, 3) RGB.
        rng: Source of the position, the size and all that `paste` draws.

    Returns:
        The photograph, uint8 (480, 640, 3) RGB; centre (x, y) of the crop in it; side length of the crop in it. Both
        are in pixels.
    """
    side = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    reach = side * 0.75  # from the centre of a square to its border, if it is turned by 20 degrees
    centre = rng.uniform((reach, reach), (WIDTH - reach, HEIGHT - reach))
    return paste(crop, _scene, centre, side, rng), centre, side


def paste(
    crop: np.ndarray,
    scene: Callable[[np.random.Generator], np.ndarray],
    centre: np.ndarray,
    side: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Paste a crop into a scene.

    The crop is scaled, turned and tinted like skin in warm or cold light, and its border fades into the scene. Every
    second picture is darker by 30%.

    Args:
        crop: Uint8 (48, 48, 3) RGB.
        scene: Makes the scene, (height, width, 3) RGB from 0 to 255.
        centre: (x, y), position of the crop's centre, in pixels.
        side: Side length of the crop in the picture, in pixels.
        rng: Source of the turn, the tint, the scene and the brightness.

    Returns:
        Uint8 (height, width, 3) RGB.
    """
    turn = cv2.getRotationMatrix2D((23.5, 23.5), rng.uniform(-TURN, TURN), side / 48)
    turn[:, 2] += centre - 23.5
    smooth = cv2.INTER_AREA if side < 48 else cv2.INTER_CUBIC
    tint = rng.uniform((0.95, 0.8, 0.65), (1.0, 0.95, 0.9)) if rng.random() < 0.7 else rng.uniform(0.75, 1.0, 3)
    ground = scene(rng)
    size = ground.shape[1::-1]
    face = cv2.warpAffine(crop, turn, size, flags=smooth, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(_FADE, turn, size, flags=cv2.INTER_LINEAR)[..., None]
    picture = alpha * (face * tint) + (1 - alpha) * ground
    dim = DIM if rng.random() < 0.5 else 1.0
    return np.clip(np.round(picture * dim), 0, 255).astype(np.uint8)


def _scene(rng: np.random.Generator) -> np.ndarray:
    """Draw what a room is to a face detector, a gradient with boxes; float (480, 640, 3)."""
    corners = rng.uniform(40, 220, (2, 2, 3)).astype(np.float32)
    scene = cv2.resize(corners, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    for _ in range(rng.integers(0, 9)):
        (x, y), (width, height) = rng.integers(0, (WIDTH, HEIGHT)), rng.integers(20, 240, 2)
        colour = rng.uniform(20, 240, 3)
        cv2.rectangle(scene, (int(x), int(y)), (int(x + width), int(y + height)), colour.tolist(), -1)
    scene = cv2.GaussianBlur(scene, (0, 0), float(rng.uniform(0.5, 6)))
    return scene + rng.normal(0, rng.uniform(0, 8), scene.shape)


def _fade() -> np.ndarray:
    """Make the opacity of a crop, float32 (48, 48): 1 inside, falling to 0 over three pixels at the border."""
    edge = np.minimum(np.arange(48), np.arange(48)[::-1]) / 3
    return np.minimum(1, np.minimum.outer(edge, edge)).astype(np.float32)


_FADE = _fade()


def make_nonface(rng: np.random.Generator) -> np.ndarray:
    """Draw a pattern, or a mix of two, in two colours; some are symmetric, as faces nearly are.

    Args:
        rng: Source of all that is random.

    Returns:
        Uint8 (200, 200, 3) RGB.
    """
    shade = _KINDS[rng.integers(len(_KINDS))](rng)
    if rng.random() < 0.5:
        share = rng.uniform(0.2, 0.8) if rng.random() < 0.5 else _clouds(rng) > 0.5
        shade = shade * share + _KINDS[rng.integers(len(_KINDS))](rng) * (1 - share)
    if rng.random() < 0.4:
        shade[:, NONFACE_SIDE // 2 :] = shade[:, : NONFACE_SIDE // 2][:, ::-1]
    shade = cv2.GaussianBlur(shade, (0, 0), float(np.exp(rng.uniform(-1, 1.3))))[..., None]
    dark, light = rng.uniform(0, 255, (2, 3)) if rng.random() < 0.6 else rng.uniform(0, 255, (2, 1))
    noise = rng.normal(0, rng.uniform(0, 6), (NONFACE_SIDE, NONFACE_SIDE, 1))
    return np.clip(dark + (light - dark) * shade + noise + np.zeros(3), 0, 255).astype(np.uint8)


# Each kind of pattern is float32 (200, 200), from 0 to 1.


def _clouds(rng: np.random.Generator) -> np.ndarray:
    """Noise in octaves: stone, fur, foliage from afar."""
    fading, stretch = rng.uniform(0.8, 2.2), rng.uniform(0.5, 1.5)
    total = np.zeros((NONFACE_SIDE, NONFACE_SIDE), np.float32)
    for octave in range(1, 8):
        grid = rng.normal(size=(2**octave + 1, max(2, int(2**octave * stretch)))).astype(np.float32)
        total += cv2.resize(grid, (NONFACE_SIDE, NONFACE_SIDE), interpolation=cv2.INTER_CUBIC) / fading**octave
    return _spread(total)


def _stripes(rng: np.random.Generator) -> np.ndarray:
    """Waves that bend, alone or crossed: fences, brick, cloth."""
    total = np.zeros((NONFACE_SIDE, NONFACE_SIDE), np.float32)
    for _ in range(rng.integers(1, 4)):
        angle, waves, bend = rng.uniform(0, np.pi), rng.uniform(1.5, 20), rng.uniform(0, 3)
        along = (_X * np.cos(angle) + _Y * np.sin(angle)) / NONFACE_SIDE
        total += np.sin(2 * np.pi * along * waves + bend * _clouds(rng))
    return _spread(total)


def _shapes(rng: np.random.Generator) -> np.ndarray:
    """Ellipses, boxes and polygons, full or in outline: furniture, windows, signs."""
    picture = np.full((NONFACE_SIDE, NONFACE_SIDE), rng.random(), np.float32)
    for _ in range(rng.integers(3, 40)):
        x, y = (int(value) for value in rng.integers(0, NONFACE_SIDE, 2))
        width, height = (int(value) for value in rng.integers(3, 60, 2))
        grey, line = float(rng.random()), int(rng.choice([-1, -1, 1, 3, 6]))
        match rng.integers(3):
            case 0:
                cv2.ellipse(picture, (x, y), (width, height), rng.uniform(0, 180), 0, 360, grey, line)
            case 1:
                cv2.rectangle(picture, (x, y), (x + width, y + height), grey, line)
            case 2:
                corners = rng.normal((x, y), width, (rng.integers(3, 7), 2))
                cv2.fillPoly(picture, [corners.astype(np.int32)], grey)
    return picture


def _lights(rng: np.random.Generator) -> np.ndarray:
    """Soft spots, light on dark or dark on light: lamps, stars, holes."""
    picture = _clouds(rng) * np.float32(rng.uniform(0, 0.3))
    for _ in range(rng.integers(4, 40)):
        spread, flat = np.exp(rng.uniform(0, 3.3)), rng.uniform(0.4, 1)
        along, beside = _turned(rng)
        picture += rng.uniform(0.2, 1) * np.exp(-(along**2 + (beside / flat) ** 2) / (2 * spread**2))
    picture = picture.clip(0, 1)
    return 1 - picture if rng.random() < 0.3 else picture


def _letters(rng: np.random.Generator) -> np.ndarray:
    """Lines of print: pages, labels, shop signs."""
    picture = np.full((NONFACE_SIDE, NONFACE_SIDE), rng.integers(150, 256), np.uint8)
    for y in range(0, NONFACE_SIDE + 40, int(rng.integers(14, 60))):
        text = "".join(rng.choice(list(string.ascii_letters + string.digits + string.punctuation), 40))
        font, size, ink, pen = rng.integers(8), rng.uniform(0.4, 2), rng.integers(0, 100), rng.integers(1, 4)
        cv2.putText(picture, text, (int(rng.integers(-40, 10)), y), int(font), size, int(ink), int(pen))
    return picture / np.float32(255)


def _leaves(rng: np.random.Generator) -> np.ndarray:
    """Pointed ovals with a rib, one over the other: foliage, feathers, fish."""
    picture = _clouds(rng) * np.float32(0.4)
    for _ in range(rng.integers(8, 40)):
        along, beside = _turned(rng)
        length = rng.uniform(12, 70)
        half = length * rng.uniform(0.1, 0.5) * (1 - (along / length) ** 2)
        grey = rng.random()
        picture[np.abs(beside) < half] = grey
        picture[(np.abs(beside) < 1) & (half > 0)] = grey * 0.6
    return picture


def _wheels(rng: np.random.Generator) -> np.ndarray:
    """Spokes, petals and rings about a centre: wheels, flowers, clocks."""
    picture = _clouds(rng) * np.float32(rng.random())
    for _ in range(rng.integers(1, 6)):
        along, beside = _turned(rng)
        distance = np.hypot(along, beside * rng.uniform(0.7, 1.4)) / rng.uniform(15, 90)
        spokes = np.sin(rng.integers(2, 14) * np.arctan2(beside, along) + rng.uniform(-4, 4) * distance)
        rings = np.sin(distance * rng.uniform(3, 25) + rng.uniform(0, 6))
        disc = 0.5 + 0.25 * rng.random() * spokes + 0.25 * rng.random() * rings - 0.2 * (distance < 0.2)
        picture = np.where(distance < 1 + rng.uniform(0, 0.3) * spokes, disc, picture)
    return picture.clip(0, 1).astype(np.float32)


def _reliefs(rng: np.random.Generator) -> np.ndarray:
    """Round things with a rough surface, lit from one side: coins, cells, fruit, stones."""
    picture = _clouds(rng) * np.float32(rng.uniform(0, 0.4)) + np.float32(rng.uniform(0, 0.3))
    for _ in range(rng.integers(2, 10)):
        along, beside = _turned(rng)
        radius = rng.uniform(15, 80)
        distance = np.hypot(along, beside * rng.uniform(0.8, 1.25)) / radius
        rim, dome = np.exp(-(((distance - 0.9) / 0.06) ** 2)), np.sqrt(np.maximum(1 - distance**2, 0))
        height = _clouds(rng) * rng.uniform(0.2, 2) + rim * rng.uniform(0, 0.4) + dome * rng.random()
        down, across = np.gradient(height)
        angle = rng.uniform(0, 2 * np.pi)
        lit = (across * np.cos(angle) + down * np.sin(angle)) * rng.uniform(2, 24)
        disc = (rng.uniform(0.3, 0.8) + lit + rng.uniform(0, 0.4) * (_clouds(rng) - 0.5)).clip(0, 1)
        picture = picture + ((1 - distance) * radius / 2).clip(0, 1) * (disc - picture)
    return picture.astype(np.float32)


def _turned(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates of all pixels in a random frame: along a random direction and across it."""
    (x, y), angle = rng.uniform(0, NONFACE_SIDE, 2), rng.uniform(0, 2 * np.pi)
    right, down = _X - np.float32(x), _Y - np.float32(y)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return right * cos + down * sin, down * cos - right * sin


def _spread(values: np.ndarray) -> np.ndarray:
    least, most = np.percentile(values, (1, 99))
    return ((values - least) / max(most - least, 1e-6)).clip(0, 1).astype(np.float32)


_KINDS = (_clouds, _stripes, _shapes, _lights, _letters, _leaves, _wheels, _reliefs)
