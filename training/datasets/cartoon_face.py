"""Drawing a cartoon face: who it is, what its parts do, and how the picture is taken."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.faces.alignment import SIDE

_SCALE = 4
_CANVAS = _SCALE * SIDE  # drawn this large and then shrunk, for soft edges


@dataclass(frozen=True)
class Pose:
    """What the parts of a face do, in units of the picture's side; up and smiling are positive.

    Attributes:
        brow_inner: Inner end of the eyebrows.
        brow_outer: Outer end.
        eye: Half of the eyes' opening.
        pupil: Radius of the pupils.
        corners: Corners of the mouth.
        mouth: Half of its width.
        gape: Half of its opening.
        sneer: Lip raised on one side, nose wrinkled.
    """

    brow_inner: float = 0.0
    brow_outer: float = 0.0
    eye: float = 0.042
    pupil: float = 0.024
    corners: float = 0.0
    mouth: float = 0.14
    gape: float = 0.0
    sneer: float = 0.0


@dataclass(frozen=True)
class Person:
    """What stays the same from picture to picture of one person; colours are RGB, lengths in units of the side."""

    skin: np.ndarray
    hair: np.ndarray
    width: float
    fringe: float
    brow: float
    nose: float
    has_glasses: bool

    @classmethod
    def random(cls, rng: np.random.Generator) -> Person:
        """Somebody."""
        skins = [(246, 214, 186), (232, 188, 150), (204, 150, 110), (168, 114, 78), (130, 86, 60)]
        hairs = [(40, 30, 26), (92, 60, 38), (176, 132, 72), (128, 124, 120), (150, 66, 34)]
        return cls(
            skin=np.clip(np.array(skins[rng.integers(5)]) + rng.normal(0, 6, 3), 0, 255),
            hair=np.clip(np.array(hairs[rng.integers(5)]) + rng.normal(0, 8, 3), 0, 255),
            width=rng.uniform(0.40, 0.46),
            fringe=rng.uniform(0.06, 0.16),
            brow=rng.uniform(0.020, 0.034),
            nose=rng.uniform(0.04, 0.07),
            has_glasses=rng.random() < 0.15,
        )


def draw(person: Person, pose: Pose, background: np.ndarray) -> np.ndarray:
    """The face upright and in even light, uint8 RGB (192, 192, 3)."""
    picture = np.empty((_CANVAS, _CANVAS, 3), np.uint8)
    picture[:] = background
    shade = person.skin * 0.5
    _ellipse(picture, (0.5, 0.50), (person.width + 0.06, 0.58), person.hair)
    _ellipse(picture, (0.5, 0.54), (person.width, 0.53), person.skin)
    _ellipse(picture, (0.5, 0.0), (person.width, person.fringe), person.hair)
    _line(picture, [(0.51, 0.48), (0.5 + person.nose * 0.7, 0.61), (0.5 - person.nose * 0.5, 0.625)], shade, 0.014)
    for side in (-1, 1):
        _eye(picture, pose, side)
        _brow(picture, person, pose, side)
        if person.has_glasses:
            _ellipse(picture, (0.5 + side * 0.1885, 0.4), (0.135, 0.10), (30, 30, 34), outline=0.016)
    if person.has_glasses:
        _line(picture, [(0.447, 0.4), (0.553, 0.4)], (30, 30, 34), 0.016)
    if pose.sneer > 0.015:
        for y in (0.44, 0.48, 0.52):
            _line(picture, [(0.455, y + 0.015), (0.5, y - 0.01), (0.545, y + 0.015)], shade, 0.014)
    _mouth(picture, person, pose)
    return picture


def photograph(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The drawing a little turned, moved, enlarged, lit from one side and noisy, uint8 RGB (48, 48, 3)."""
    middle = _CANVAS / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), rng.normal(0, 7), rng.uniform(0.88, 1.12))
    matrix[:, 2] += rng.normal(0, 0.025, 2) * _CANVAS
    picture = cv2.warpAffine(picture, matrix, (_CANVAS, _CANVAS), borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    across = np.linspace(-1, 1, SIDE)
    light = 1 + rng.normal(0, 0.12) * across[None, :] + rng.normal(0, 0.08) * across[:, None]
    small = small * light[:, :, None] * rng.uniform(0.7, 1.1) + rng.normal(0, rng.uniform(2, 9), small.shape)
    return np.clip(small, 0, 255).astype(np.uint8)


def _eye(picture: np.ndarray, pose: Pose, side: int) -> None:
    centre = (0.5 + side * 0.1885, 0.396)
    eye = max(pose.eye, 0.008)
    white = np.zeros(picture.shape[:2], np.uint8)
    _ellipse(white, centre, (0.078, eye), 255)
    iris = picture.copy()
    iris[white > 0] = (245, 245, 245)
    _ellipse(iris, centre, (max(pose.pupil, 0.008),) * 2, (25, 25, 30))
    picture[white > 0] = iris[white > 0]
    _ellipse(picture, centre, (0.078, eye), (40, 30, 30), outline=0.012)


def _brow(picture: np.ndarray, person: Person, pose: Pose, side: int) -> None:
    inner, outer = 0.300 - pose.brow_inner, 0.310 - pose.brow_outer
    points = [(0.5 + side * 0.085, inner), (0.5 + side * 0.19, (inner + outer) / 2 - 0.02), (0.5 + side * 0.29, outer)]
    _line(picture, points, person.hair * 0.6, person.brow)


def _mouth(picture: np.ndarray, person: Person, pose: Pose) -> None:
    """Two parabolas from corner to corner; open, the dark inside and the teeth show between them."""
    t = np.linspace(-1, 1, 25)
    x = 0.5 + t * max(pose.mouth, 0.03)
    arch = 1 - t**2
    base = 0.78 + pose.corners * (arch - 0.5)  # raised corners: the middle hangs
    sneer = pose.sneer * np.exp(-(((t - 0.45) / 0.35) ** 2))
    gape = max(pose.gape, 0.0)
    upper, lower = base - gape * arch - sneer, base + gape * arch
    lips = person.skin * (0.75, 0.42, 0.42)
    if gape > 0.008 or pose.sneer > 0.015:
        cv2.fillPoly(
            picture, [_pixels([*zip(x, upper, strict=True), *zip(x[::-1], lower[::-1], strict=True)])], (60, 22, 26)
        )
        teeth = np.minimum(upper + 0.028, lower)
        outline = [*zip(x[3:-3], upper[3:-3], strict=True), *zip(x[-4:2:-1], teeth[-4:2:-1], strict=True)]
        cv2.fillPoly(picture, [_pixels(outline)], (240, 238, 230))
        _line(picture, list(zip(x, lower, strict=True)), lips, 0.022)
    _line(picture, list(zip(x, upper, strict=True)), lips, 0.026)


def _ellipse(picture, centre, axes, colour, outline: float = 0) -> None:
    thickness = max(1, round(outline * _CANVAS)) if outline else cv2.FILLED
    middle, reach = (tuple(round(value * _CANVAS * 16) for value in pair) for pair in (centre, axes))
    colour = tuple(np.atleast_1d(np.asarray(colour, float)).tolist())
    cv2.ellipse(picture, middle, reach, 0, 0, 360, colour, thickness, cv2.LINE_AA, shift=4)


def _line(picture, points, colour, width: float) -> None:
    thickness = max(1, round(width * _CANVAS))
    cv2.polylines(picture, [_pixels(points)], False, tuple(np.asarray(colour, float).tolist()), thickness, cv2.LINE_AA)


def _pixels(points) -> np.ndarray:
    return np.round(np.array(points) * _CANVAS).astype(np.int32)
