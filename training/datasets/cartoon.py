"""A small made-up dataset: cartoon faces in seven expressions, to try every command before FER2013 is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np

from core.labels import FER7
from training.datasets.cartoon_face import Person, Pose, draw, photograph
from training.datasets.ferplus import VOTE_COLUMNS
from training.datasets.sample import Sample
from training.datasets.splitting import assign_splits
from training.datasets.writer import write_dataset

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
    """Draw cartoon faces into a dataset file and return their number; the same count and seed give the same pictures.

    Raises:
        DatasetError: the file cannot be written.
    """
    about = {"sources": "cartoon", "seed": str(seed), "split": "/".join(f"{share:.0%}" for share in SHARES)}
    return write_dataset(draw_sample(count, seed), path, about)


def draw_sample(count: int = 350, seed: int = 0) -> Iterator[Sample]:
    """Yield cartoon faces, 48x48 in colour: every person in each of the seven expressions, in the order of `FER7`.

    Pictures differ in place, tilt, size, light, noise and in how strong the expression is; the weaker it is, the more
    of the ten votes go to "neutral". No person is in two splits.
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
            image=photograph(drawing, rng),
            label=label,
            split=splits[index],
            votes=_votes(label, strength, rng),
            source="cartoon",
            person=people[index],
        )


def _pose(label: str, strength: float, rng: np.random.Generator) -> Pose:
    """An expression of some strength, no two alike."""
    calm, full = Pose(), _POSES[label]
    values = {}
    for name in (field.name for field in fields(Pose)):
        rest, change = getattr(calm, name), getattr(full, name) - getattr(calm, name)
        values[name] = rest * rng.normal(1, 0.1) + strength * change * rng.uniform(0.75, 1.25)
    for name in ("brow_inner", "brow_outer", "corners"):
        values[name] += rng.normal(0, 0.008)
    return Pose(**values)


def _votes(label: int, strength: float, rng: np.random.Generator) -> tuple[int, ...]:
    """Ten votes: for the label the stronger it is, the others for "neutral" and now and then "unknown"."""
    votes = [0] * len(VOTE_COLUMNS)
    votes[label] = int(rng.binomial(_VOTERS, min(0.95, 0.45 + 0.5 * strength)))
    for _ in range(_VOTERS - votes[label]):
        votes[VOTE_COLUMNS.index("neutral" if rng.random() < 0.8 else "unknown")] += 1
    return tuple(votes)
