"""Made-up features, to compare an export with its model where no dataset is at hand."""

from __future__ import annotations

import numpy as np

from core.features import Feature


def stand_in(feature: Feature, count: int = 64) -> np.ndarray:
    """Features (count, ...) of the right shape and dtype that are the same every time.

    Pictures are noise in blocks of 1 to 16 pixels, so that all scales occur; other features vary about the probe.
    """
    rng = np.random.default_rng(0)
    if feature.dtype != "uint8":
        probe = feature.probe()
        return (probe + rng.normal(0, probe.std(), (count, *feature.shape))).astype(feature.dtype)
    height, width, channels = feature.shape
    pictures = []
    for number in range(count):
        block = 2 ** (number % 5)
        small = rng.integers(0, 256, (-(-height // block), -(-width // block), channels))
        pictures.append(small.repeat(block, axis=0).repeat(block, axis=1)[:height, :width])
    return np.array(pictures, np.uint8)
