"""A small made-up dataset of cartoon faces in seven expressions, to try every command without a real dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from core.faces.alignment import SIDE
from core.labels import FER7
from training.datasets.parquet import write_dataset
from training.datasets.sample import VOTE_COLUMNS, Sample
from training.datasets.splitting import assign_splits

_SCALE = 4
_CANVAS = _SCALE * SIDE  # drawn this large and then shrunk, for soft edges


@dataclass(frozen=True)
class Pose:
    """Positions of the parts of a face, in units of the picture's side.

    Attributes:
        brow_inner: How far the inner ends of the eyebrows are raised.
        brow_outer: How far the outer ends of the eyebrows are raised.
        eye: Half of the eyes' opening.
        pupil: Radius of the pupils.
        corners: How far the corners of the mouth are raised.
        mouth: Half of the mouth's width.
        gape: Half of the mouth's opening.
        sneer: How far the upper lip is raised on one side; the nose wrinkles too.
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
    """Looks of one person, the same on all pictures; colours are RGB, lengths in units of the picture's side."""

    skin: np.ndarray
    hair: np.ndarray
    width: float
    fringe: float
    brow: float
    nose: float
    has_glasses: bool

    @classmethod
    def random(cls, rng: np.random.Generator) -> Person:
        """Make up a person."""
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
    """Draw a face, upright and in even light.

    Args:
        person: Looks of the person.
        pose: Expression.
        background: (3,), colour behind the face, RGB from 0 to 255.

    Returns:
        Uint8 (192, 192, 3) RGB.
    """
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


def _distorted(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn, move and scale a drawing a little, light it from one side and add noise; uint8 (48, 48, 3) RGB."""
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
    """Draw two parabolas from corner to corner and, between them if the mouth is open, its dark inside and teeth."""
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


SHARES = (0.7, 0.15, 0.15)
_VOTERS = 10

_POSES = {
    "angry": Pose(brow_inner=-0.065, brow_outer=0.045, eye=0.028, corners=-0.04, mouth=0.11, gape=0.006),
    "disgust": Pose(brow_inner=-0.04, brow_outer=-0.015, eye=0.014, corners=-0.05, mouth=0.12, gape=0.02, sneer=0.055),
    "fear": Pose(brow_inner=0.085, brow_outer=0.01, eye=0.068, pupil=0.014, corners=-0.03, mouth=0.175, gape=0.035),
    "happy": Pose(brow_inner=0.015, brow_outer=0.015, eye=0.028, corners=0.09, mouth=0.20, gape=0.035),
    "sad": Pose(brow_inner=0.06, brow_outer=-0.04, eye=0.022, corners=-0.085, mouth=0.115),
    "surprise": Pose(brow_inner=0.085, brow_outer=0.085, eye=0.068, mouth=0.075, gape=0.095),
    "neutral": Pose(),
}


def write_sample(path: Path, count: int = 350, seed: int = 0) -> int:
    """Draw cartoon faces into a dataset file and return their number; see `draw_sample`.

    Raises:
        DatasetError: The file cannot be written.
    """
    about = {"sources": "cartoon", "seed": str(seed), "split": "/".join(f"{share:.0%}" for share in SHARES)}
    return write_dataset(draw_sample(count, seed), path, about)


def draw_sample(count: int = 350, seed: int = 0) -> Iterator[Sample]:
    """Yield cartoon faces, 48x48 in colour: every person in each of the seven expressions, in the order of `FER7`.

    Pictures differ in position, tilt, size, light, noise and strength of the expression. The weaker the expression,
    the more of the ten votes go to "neutral". No person is in two splits.

    Args:
        count: Number of pictures.
        seed: The same count and seed give the same pictures.
    """
    labels = np.arange(count) % len(FER7)
    people = [f"cartoon-{index // len(FER7):04d}" for index in range(count)]
    splits = assign_splits(labels, people, SHARES, seed)
    for index in range(count):
        person = Person.random(np.random.default_rng([seed, 1, index // len(FER7)]))
        rng = np.random.default_rng([seed, 2, index])
        label, strength = int(labels[index]), rng.uniform(0.55, 1.1)
        drawing = draw(person, _pose(FER7.labels[label], strength, rng), background=rng.uniform(40, 220, 3))
        yield Sample(
            image=_distorted(drawing, rng),
            label=label,
            split=splits[index],
            votes=_votes(label, strength, rng),
            source="cartoon",
            person=people[index],
        )


def _pose(label: str, strength: float, rng: np.random.Generator) -> Pose:
    """Make a pose of an expression; strength 1 is the full expression, and every pose varies a little."""
    calm, full = Pose(), _POSES[label]
    values = {}
    for name in (field.name for field in fields(Pose)):
        rest, change = getattr(calm, name), getattr(full, name) - getattr(calm, name)
        values[name] = rest * rng.normal(1, 0.1) + strength * change * rng.uniform(0.75, 1.25)
    for name in ("brow_inner", "brow_outer", "corners"):
        values[name] += rng.normal(0, 0.008)
    return Pose(**values)


def _votes(label: int, strength: float, rng: np.random.Generator) -> tuple[int, ...]:
    """Draw ten votes: the stronger the expression, the more for its label; the others for "neutral" or "unknown"."""
    votes = [0] * len(VOTE_COLUMNS)
    votes[label] = int(rng.binomial(_VOTERS, min(0.95, 0.45 + 0.5 * strength)))
    for _ in range(_VOTERS - votes[label]):
        votes[VOTE_COLUMNS.index("neutral" if rng.random() < 0.8 else "unknown")] += 1
    return tuple(votes)
