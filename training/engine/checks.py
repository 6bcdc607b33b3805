"""Two checks of the engine as a whole: faces are found and read in photographs, and "Why?" marks what matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.stats import wilcoxon

from core.explain import explain, marked, probability
from core.features import FEATURES
from core.inference.artifact import Artifact
from core.labels import FER7
from core.readings import Reading
from core.recognizer import Recognizer
from training.datasets import Dataset
from training.engine.synthetic_pictures import make_photograph
from training.errors import TrainingError

SPLIT = "public-test"
"""Split that the images of both checks are drawn from."""

MOST_LOST = 0.03
"""Share of the faces that may be read rightly as a crop but not in a photograph."""

_SIZES = (24, 48, 96, 300)  # side lengths, in pixels, between which figures are told apart
_MIN_RATIO, _MAX_P = 2.0, 0.01  # what a saliency check that holds reaches


@dataclass(frozen=True)
class PhotographCheck:
    """Result of `check_photographs`.

    Attributes:
        sides: Float (n,), side length of each crop in its photograph, in pixels.
        found: Bool (n,), whether the face was found in the photograph.
        right: Bool (n,), whether the face was found and its expression was read rightly in the photograph.
        right_as_crop: Bool (n,), whether the expression was read rightly from the dataset's crop.
    """

    sides: np.ndarray
    found: np.ndarray
    right: np.ndarray
    right_as_crop: np.ndarray

    @property
    def holds(self) -> bool:
        """Whether photographs cost at most three points of accuracy, with every face counted."""
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
    """Compare what a model reads from faces in made-up photographs and from the dataset's crops of them.

    The faces are those of PublicTest that are in no other split. Of the faces that are found in a photograph, the one
    nearest to where the crop was pasted counts.

    Args:
        recognizer: Recognizer whose model is checked.
        dataset: Dataset file.
        images: Number of faces.
        seed: The same seed draws the same faces and makes the same photographs.
        each: Wraps the loop over the faces, to show progress.

    Raises:
        DatasetError: The file cannot be used.
        TrainingError: The split has fewer faces, or the model does not read the pixels of a crop in the seven labels.
    """
    card = recognizer.card
    if FER7.name not in card.outputs or FEATURES[card.feature["name"]].needs != "crop":
        raise TrainingError(f"{card.name}: does not read a crop's pixels in {FER7.name}; name another model")
    rng = np.random.default_rng(seed)
    rows = _held_out(dataset, images, rng)
    labels = [FER7.labels[label] for label in rows.labels]
    outcomes = [_outcome(recognizer, crop, label, rng) for crop, label in zip(each(rows.images), labels, strict=True)]
    return PhotographCheck(*map(np.array, zip(*outcomes, strict=True)))


def _outcome(
    recognizer: Recognizer, crop: np.ndarray, label: str, rng: np.random.Generator
) -> tuple[float, bool, bool, bool]:
    picture, centre, side = make_photograph(crop, rng)
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


@dataclass(frozen=True)
class SaliencyCheck:
    """Result of `check_saliency`: how far the answer's probability falls if a region of each image is blurred.

    Attributes:
        marked: Float (n,), fall if the marked region is blurred.
        elsewhere: Float (n,), fall if the same shape at a random position is blurred.
    """

    marked: np.ndarray
    elsewhere: np.ndarray

    @property
    def p(self) -> float:
        """Probability of such figures if marked regions mattered no more than random ones (Wilcoxon, one-sided)."""
        return float(wilcoxon(self.marked, self.elsewhere, alternative="greater").pvalue)

    @property
    def holds(self) -> bool:
        """Whether the median fall is at least twice as large, with p < 0.01."""
        return self.p < _MAX_P and np.median(self.marked) >= _MIN_RATIO * np.median(self.elsewhere)

    def __str__(self) -> str:
        return (
            f"{len(self.marked)} images of {SPLIT}: blurring what is marked takes {np.median(self.marked):.1%} off the "
            f"answer's probability (median), blurring the same shape elsewhere {np.median(self.elsewhere):.1%}; "
            f"p = {self.p:.1e}: {'holds' if self.holds else 'DOES NOT HOLD'}"
        )


def check_saliency(
    artifact: Artifact, dataset: Path, images: int = 200, seed: int = 0, each: Callable[[Iterable], Iterable] = iter
) -> SaliencyCheck:
    """Compare how much an answer changes if the region that `core.explain` marks or another region is blurred.

    The images are those of PublicTest that are in no other split.

    Args:
        artifact: Model that reads pixels.
        dataset: Dataset file.
        images: Number of images.
        seed: The same seed draws the same images and random positions.
        each: Wraps the loop over the images, to show progress.

    Raises:
        DatasetError: The file cannot be used.
        ModelError: The model does not read pixels.
        TrainingError: The split has fewer images.
    """
    rng = np.random.default_rng(seed)
    falls = np.array([_falls(artifact, crop, rng) for crop in each(_held_out(dataset, images, rng).images)])
    return SaliencyCheck(*falls.T)


def _falls(artifact: Artifact, crop: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    label_set, output = next(iter(artifact.card.outputs.items()))
    answer = artifact.predict(artifact.feature.compute(crop)[None])[label_set][0]
    label, whole = output.labels[answer.argmax()], float(np.exp(answer.max()))
    region = marked(explain(artifact, crop, label))
    elsewhere = np.roll(region, tuple(rng.integers(0, region.shape)), axis=(0, 1))
    return tuple(whole - probability(artifact, crop, label, without=place) for place in (region, elsewhere))


def _held_out(dataset: Path, images: int, rng: np.random.Generator) -> Dataset:
    """Draw images of `SPLIT` that show a face and are in no other split."""
    rows = Dataset.load(dataset, (SPLIT,))
    rows = rows[rows.found & ~rows.is_copy(dataset)]
    if len(rows) < images:
        raise TrainingError(
            f"{dataset}: only {len(rows)} images of {SPLIT} are in no other split; give a smaller --images"
        )
    return rows[rng.permutation(len(rows))[:images]]
