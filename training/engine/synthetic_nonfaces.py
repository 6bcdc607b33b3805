"""Pictures of what is no face: made-up patterns of the kinds that a face finder takes for one."""

from __future__ import annotations

import string

import cv2
import numpy as np

SIDE = 200
"""Of a picture, in pixels."""

_Y, _X = np.mgrid[:SIDE, :SIDE].astype(np.float32)


def nonface(rng: np.random.Generator) -> np.ndarray:
    """One pattern, or two mixed, in two colours; some are their own mirror image, as faces nearly are.

    Args:
        rng: Of everything.

    Returns:
        Uint8 (200, 200, 3) RGB.
    """
    shade = _KINDS[rng.integers(len(_KINDS))](rng)
    if rng.random() < 0.5:
        share = rng.uniform(0.2, 0.8) if rng.random() < 0.5 else _clouds(rng) > 0.5
        shade = shade * share + _KINDS[rng.integers(len(_KINDS))](rng) * (1 - share)
    if rng.random() < 0.4:
        shade[:, SIDE // 2 :] = shade[:, : SIDE // 2][:, ::-1]
    shade = cv2.GaussianBlur(shade, (0, 0), float(np.exp(rng.uniform(-1, 1.3))))[..., None]
    dark, light = rng.uniform(0, 255, (2, 3)) if rng.random() < 0.6 else rng.uniform(0, 255, (2, 1))
    noise = rng.normal(0, rng.uniform(0, 6), (SIDE, SIDE, 1))
    return np.clip(dark + (light - dark) * shade + noise + np.zeros(3), 0, 255).astype(np.uint8)


# Each kind gives float32 (200, 200), 0 to 1.


def _clouds(rng: np.random.Generator) -> np.ndarray:
    """Noise in octaves: stone, fur, foliage from afar."""
    fading, stretch = rng.uniform(0.8, 2.2), rng.uniform(0.5, 1.5)
    total = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(1, 8):
        grid = rng.normal(size=(2**octave + 1, max(2, int(2**octave * stretch)))).astype(np.float32)
        total += cv2.resize(grid, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) / fading**octave
    return _spread(total)


def _stripes(rng: np.random.Generator) -> np.ndarray:
    """Waves that bend, alone or crossed: fences, brick, cloth."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(rng.integers(1, 4)):
        angle, waves, bend = rng.uniform(0, np.pi), rng.uniform(1.5, 20), rng.uniform(0, 3)
        along = (_X * np.cos(angle) + _Y * np.sin(angle)) / SIDE
        total += np.sin(2 * np.pi * along * waves + bend * _clouds(rng))
    return _spread(total)


def _shapes(rng: np.random.Generator) -> np.ndarray:
    """Ellipses, boxes and polygons, full or in outline: furniture, windows, signs."""
    picture = np.full((SIDE, SIDE), rng.random(), np.float32)
    for _ in range(rng.integers(3, 40)):
        x, y = (int(value) for value in rng.integers(0, SIDE, 2))
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
    picture = np.full((SIDE, SIDE), rng.integers(150, 256), np.uint8)
    for y in range(0, SIDE + 40, int(rng.integers(14, 60))):
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
    """The picture's coordinates, seen from a random place in a random direction: along it and beside it."""
    (x, y), angle = rng.uniform(0, SIDE, 2), rng.uniform(0, 2 * np.pi)
    right, down = _X - np.float32(x), _Y - np.float32(y)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return right * cos + down * sin, down * cos - right * sin


def _spread(values: np.ndarray) -> np.ndarray:
    least, most = np.percentile(values, (1, 99))
    return ((values - least) / max(most - least, 1e-6)).clip(0, 1).astype(np.float32)


_KINDS = (_clouds, _stripes, _shapes, _lights, _letters, _leaves, _wheels, _reliefs)
