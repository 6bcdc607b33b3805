"""Is a face in a photograph found, and read as well as its crop?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.features import FEATURES
from core.labels import FER7
from core.readings import Reading
from core.recognizer import Recognizer
from training.datasets.held_out import SPLIT, drawn
from training.engine.synthetic_photos import photograph
from training.errors import TrainingError

MOST_LOST = 0.03
_SIZES = (24, 48, 96, 300)


@dataclass(frozen=True)
class PhotographCheck:
    """What became of each face.

    Attributes:
        sides: Float (n,), of the pasted crop in pixels.
        found: Bool (n,).
        right: Bool (n,): read rightly in the photograph; a face that was not found was not.
        right_as_crop: Bool (n,): read rightly as the crop that the dataset has.
    """

    sides: np.ndarray
    found: np.ndarray
    right: np.ndarray
    right_as_crop: np.ndarray

    @property
    def holds(self) -> bool:
        """Whether at most three points are lost on the way through a photograph, every face counted."""
        return self.right_as_crop.sum() - self.right.sum() <= MOST_LOST * len(self.right)

    def __str__(self) -> str:
        lines = [
            f"{len(self.right)} faces of {SPLIT} in photographs: {self.found.mean():.1%} found, "
            f"{self.right.mean():.1%} right, as crops {self.right_as_crop.mean():.1%}: "
            f"{'holds' if self.holds else 'DOES NOT HOLD'}"
        ]
        for least, most in pairwise(_SIZES):
            chosen = (self.sides >= least) & (self.sides <= most)
            if chosen.any():
                lines.append(
                    f"  {least:3} to {most:3} pixels ({chosen.sum()}): {self.found[chosen].mean():.1%} found, "
                    f"{self.right[chosen].mean():.1%} right, as crops {self.right_as_crop[chosen].mean():.1%}"
                )
        return "\n".join(lines)


def check_photographs(
    recognizer: Recognizer,
    dataset: Path,
    images: int = 300,
    seed: int = 0,
    each: Callable[[Iterable], Iterable] = iter,
) -> PhotographCheck:
    """Take faces of PublicTest that stand in no other split through the whole pipeline, in photographs and as crops.

    Of the faces that are found in a photograph, the one nearest to where the crop was pasted counts.

    Args:
        recognizer: With the model.
        dataset: File that `training import` wrote.
        images: How many.
        seed: Which images, and which photographs.
        each: Wraps the loop over the images, to show progress.

    Raises:
        DatasetError: the file cannot be used.
        TrainingError: the split has fewer images, or the model does not see pixels alone or answer in the seven.
    """
    card = recognizer.card
    if FER7.name not in card.outputs or FEATURES[card.feature["name"]].needs != "crop":
        raise TrainingError(f"{card.name}: does not read a crop's pixels in {FER7.name}; name another model")
    rng = np.random.default_rng(seed)
    rows = drawn(dataset, images, rng)
    labels = [FER7.labels[label] for label in rows.labels]
    outcomes = [_outcome(recognizer, crop, label, rng) for crop, label in zip(each(rows.images), labels, strict=True)]
    return PhotographCheck(*map(np.array, zip(*outcomes, strict=True)))


def _outcome(
    recognizer: Recognizer, crop: np.ndarray, label: str, rng: np.random.Generator
) -> tuple[float, bool, bool, bool]:
    picture, centre, side = photograph(crop, rng)
    readings = [reading for reading in recognizer.read(picture) if _distance(reading, centre) < side / 2]
    nearest = min(readings, key=lambda reading: _distance(reading, centre), default=None)
    right = nearest is not None and nearest.answers[FER7.name].label == label
    return side, nearest is not None, right, _as_crop(recognizer, crop) == label


def _distance(reading: Reading, centre: np.ndarray) -> float:
    left, top, width, height = reading.face.box
    return float(np.hypot(left + width / 2 - centre[0], top + height / 2 - centre[1]))


def _as_crop(recognizer: Recognizer, crop: np.ndarray) -> str:
    artifact = recognizer.artifact
    answer = artifact.predict(artifact.feature.compute(crop)[None])[FER7.name][0]
    return artifact.card.outputs[FER7.name].labels[answer.argmax()]
