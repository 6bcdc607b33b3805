"""What stands out in a face: the movements in which it differs most from neutral faces, in words."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .movements import NAMES

NEUTRAL_FILE = Path(__file__).with_name("neutral_movements.csv")
"""Mean and standard deviation of each blendshape over FER2013's neutral Training faces, a line each, as
`python -m training neutral-movements` writes them."""

_LEAST_SPREAD = 0.05  # some hardly vary in neutral faces, and would stand out by a hair
_LEAST_SCORE = 2.0  # of 20 neutral faces, one differs by more in any one movement


@dataclass(frozen=True)
class Neutral:
    """One movement over neutral faces: its mean and its standard deviation, in blendshape units."""

    mean: float
    spread: float


@dataclass(frozen=True)
class Movement:
    """One movement of one face.

    Attributes:
        name: MediaPipe's, such as "mouthSmileLeft"; left and right are the person's own.
        value: The blendshape, 0 to 1.
        neutral: Its mean over neutral faces, 0 to 1.
    """

    name: str
    value: float
    neutral: float

    def __str__(self) -> str:
        words = re.sub("[A-Z]", lambda letter: f" {letter[0].lower()}", self.name)
        return f"{words} {self.value:.2f}"


def most_moved(blendshapes: np.ndarray, most: int = 5) -> list[Movement]:
    """The movements that differ most from the mean of neutral faces, up or down, the most unusual first.

    Differences are counted in standard deviations of neutral faces, because gaze and brows wander there too.

    Args:
        blendshapes: Float32 (52,), 0 to 1, as the feature `blendshapes` has them.
        most: How many at most; a face at rest has none.
    """
    rest = neutral_faces()
    means, spreads = np.array([(rest[name].mean, rest[name].spread) for name in NAMES]).T
    scores = np.abs(blendshapes - means) / np.maximum(spreads, _LEAST_SPREAD)
    order = np.argsort(-scores, kind="stable")[:most]
    return [Movement(NAMES[i], float(blendshapes[i]), float(means[i])) for i in order if scores[i] >= _LEAST_SCORE]


@functools.cache
def neutral_faces() -> Mapping[str, Neutral]:
    """What `NEUTRAL_FILE` holds, by MediaPipe's name of the movement."""
    rows = (line.split(",") for line in NEUTRAL_FILE.read_text(encoding="utf-8").splitlines()[1:])
    return {name: Neutral(float(mean), float(spread)) for name, mean, spread in rows}
