"""Draw the sample pictures of the Space and the studio: `python packaging/space/draw_samples.py`."""

import sys
from collections.abc import Sequence
from pathlib import Path

# Python puts only this script's own folder on the path; `training` and `webapp` lie two above.
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from skimage.data import astronaut  # noqa: E402

from training.datasets.cartoon import Person, Pose, draw  # noqa: E402

FOLDER = ROOT / "webapp" / "space" / "samples"
"""Folder that the studio's Photo page and the Space show pictures from."""

_WALL, _GAP = (244, 245, 247), 28  # colour, and pixels between portraits
_BACKGROUNDS = ((196, 214, 232), (233, 214, 196), (206, 226, 204), (226, 206, 222))

_HAPPY = Pose(brow_inner=0.015, brow_outer=0.015, eye=0.03, corners=0.09, mouth=0.20, gape=0.035)
_SURPRISE = Pose(brow_inner=0.085, brow_outer=0.085, eye=0.068, mouth=0.075, gape=0.095)
_ANGRY = Pose(brow_inner=-0.065, brow_outer=0.045, eye=0.028, corners=-0.04, mouth=0.11, gape=0.006)
_FEAR = Pose(brow_inner=0.085, brow_outer=0.01, eye=0.068, pupil=0.014, corners=-0.03, mouth=0.175, gape=0.035)
_SAD = Pose(brow_inner=0.06, brow_outer=-0.04, eye=0.022, corners=-0.085, mouth=0.115)


def wall(poses: Sequence[Sequence[Pose]], seed: int) -> np.ndarray:
    """Draw portraits of different people in rows on a wall.

    Args:
        poses: Expressions, row by row.
        seed: The same seed gives the same people.

    Returns:
        Uint8 (height, width, 3) RGB.
    """
    side = len(draw(_person(seed), Pose(), np.array(_WALL)))
    step = side + _GAP
    picture = np.full((len(poses) * step + _GAP, len(poses[0]) * step + _GAP, 3), _WALL, np.uint8)
    for row, line in enumerate(poses):
        for column, pose in enumerate(line):
            number = row * len(line) + column
            background = np.array(_BACKGROUNDS[number % len(_BACKGROUNDS)])
            portrait = draw(_person(seed + number), pose, background)
            y, x = row * step + _GAP, column * step + _GAP
            picture[y : y + side, x : x + side] = portrait
    return picture


def _person(seed: int) -> Person:
    return Person.random(np.random.default_rng(seed))


def main() -> None:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture, options in (
        ("1-astronaut", astronaut(), {"quality": 90}),
        ("2-three-portraits", wall([[_HAPPY, _SURPRISE, _ANGRY]], 7), {"lossless": True}),
        ("3-six-portraits", wall([[_SURPRISE, _HAPPY, _FEAR], [_ANGRY, _SAD, _HAPPY]], 40), {"lossless": True}),
    ):
        Image.fromarray(picture).save(FOLDER / f"{name}.webp", method=6, **options)


if __name__ == "__main__":
    main()
