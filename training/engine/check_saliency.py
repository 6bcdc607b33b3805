"""Does hiding what `core.explain` marks change the answer more than hiding any other place?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import wilcoxon

from core.explain import explain, marked, probability
from core.inference.artifact import Artifact
from training.datasets.held_out import SPLIT, drawn

_LEAST_RATIO, _LEAST_SURE = 2.0, 0.01


@dataclass(frozen=True)
class SaliencyCheck:
    """Falls of the answer's probability when a region of each image is blurred.

    Attributes:
        marked: Float (n,): where the marked region is blurred.
        elsewhere: Float (n,): where the same shape, moved to a random place, is.
    """

    marked: np.ndarray
    elsewhere: np.ndarray

    @property
    def p(self) -> float:
        """That marked regions matter no more than random ones: Wilcoxon's paired test, one-sided."""
        return float(wilcoxon(self.marked, self.elsewhere, alternative="greater").pvalue)

    @property
    def holds(self) -> bool:
        """Whether the median fall is at least twice as large, and not by luck."""
        return self.p < _LEAST_SURE and np.median(self.marked) >= _LEAST_RATIO * np.median(self.elsewhere)

    def __str__(self) -> str:
        return (
            f"{len(self.marked)} images of {SPLIT}: blurring what is marked takes {np.median(self.marked):.1%} off the "
            f"answer's probability (median), blurring the same shape elsewhere {np.median(self.elsewhere):.1%}; "
            f"p = {self.p:.1e}: {'holds' if self.holds else 'DOES NOT HOLD'}"
        )


def check_saliency(
    artifact: Artifact, dataset: Path, images: int = 200, seed: int = 0, each: Callable[[Iterable], Iterable] = iter
) -> SaliencyCheck:
    """Compare marked with random regions on images of PublicTest that stand in no other split.

    Args:
        artifact: A model that sees pixels.
        dataset: File that `training import` wrote.
        images: How many.
        seed: Which images, and which random places.
        each: Wraps the loop over the images, to show progress.

    Raises:
        DatasetError: the file cannot be used.
        ModelError: the model sees no pixels.
        TrainingError: the split has fewer images.
    """
    rng = np.random.default_rng(seed)
    falls = np.array([_falls(artifact, crop, rng) for crop in each(drawn(dataset, images, rng).images)])
    return SaliencyCheck(*falls.T)


def _falls(artifact: Artifact, crop: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    label_set, output = next(iter(artifact.card.outputs.items()))
    answer = artifact.predict(artifact.feature.compute(crop)[None])[label_set][0]
    label, whole = output.labels[answer.argmax()], float(np.exp(answer.max()))
    region = marked(explain(artifact, crop, label))
    elsewhere = np.roll(region, tuple(rng.integers(0, region.shape)), axis=(0, 1))
    return tuple(whole - probability(artifact, crop, label, without=place) for place in (region, elsewhere))
