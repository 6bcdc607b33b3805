"""Made-up features, to compare an export with its model where no dataset is at hand."""

from __future__ import annotations

import numpy as np

from core.features import Feature


def stand_in(feature: Feature, count: int = 64) -> np.ndarray:
    """Features (count, ...) of the right shape and dtype that are the same every time.

    Pictures are noise, as `pictures` makes it; other features vary about the probe, and one that is made of others is
    made of theirs.
    """
    if feature.parts:
        values = zip(*(stand_in(part, count) for part in feature.parts), strict=True)
        return np.array([feature.combine(*value) for value in values])
    if feature.dtype != "uint8":
        probe, rng = feature.probe(), np.random.default_rng(0)
        return (probe + rng.normal(0, probe.std(), (count, *feature.shape))).astype(feature.dtype)
    return pictures(feature.shape, count)


def pictures(shape: tuple[int, int, int], count: int) -> np.ndarray:
    """Noise in blocks of 1 to 16 pixels, so that all scales occur: uint8 (count, height, width, channels)."""
    rng = np.random.default_rng(0)
    height, width, channels = shape
    made = []
    for number in range(count):
        block = 2 ** (number % 5)
        small = rng.integers(0, 256, (-(-height // block), -(-width // block), channels))
        made.append(small.repeat(block, axis=0).repeat(block, axis=1)[:height, :width])
    return np.array(made, np.uint8)
