"""Parity: how far an exported file's answers differ from the model's, and made-up inputs to compare them on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from core.features import Feature
from training.errors import TrainingError


@dataclass(frozen=True)
class Tolerance:
    """How far an exported file's answers may differ from the model's.

    Attributes:
        agreement: Smallest share of the examples with the same label; one example may always differ.
        apart: Largest difference between two probabilities.
    """

    agreement: float
    apart: float


EXACT = Tolerance(agreement=1.0, apart=1e-3)
FLOAT16 = Tolerance(agreement=0.99, apart=1e-2)
INT8 = Tolerance(agreement=0.98, apart=0.1)
CONVERTED = Tolerance(agreement=0.9, apart=0.05)
"""For a file that computes with other roundings than another file: near ties turn, but no probability moves far."""


@dataclass(frozen=True)
class Parity:
    """How far an exported file's answers differ from the model's, over all label sets.

    Attributes:
        examples: Number of examples.
        agreement: Share of the examples with the same label.
        apart: Largest difference between two probabilities.
    """

    examples: int
    agreement: float
    apart: float

    def facts(self) -> dict[str, float]:
        """Give the figures as a card keeps them."""
        return {
            "examples": self.examples,
            "agreement": round(self.agreement, 5),
            "largest_difference": round(self.apart, 5),
        }

    def __str__(self) -> str:
        return (
            f"on {self.examples} examples {self.agreement:.1%} of the labels are the model's own, and no probability "
            f"is more than {self.apart:.2g} off"
        )


def measure(expected: dict[str, np.ndarray], given: dict[str, np.ndarray]) -> Parity:
    """Compare the answers of a file with a model's.

    Args:
        expected: Logits of the model, (n, labels) by label set.
        given: Logits of the file, (n, labels) by label set.

    Raises:
        TrainingError: The file lacks a label set, or has another number of labels.
    """
    agreements, gaps = [], []
    for name, logits in expected.items():
        if name not in given or given[name].shape != logits.shape:
            raise TrainingError(
                f"the exported file does not answer in {name!r} as the model does; report this as a bug"
            )
        agreements.append((logits.argmax(axis=1) == given[name].argmax(axis=1)).mean())
        gaps.append(np.abs(softmax(logits, axis=1) - softmax(given[name], axis=1)).max())
    examples = len(next(iter(expected.values())))
    return Parity(examples, float(min(agreements)), float(max(gaps)))


def check(parity: Parity, tolerance: Tolerance, hint: str = "") -> None:
    """Check that an export is within a tolerance.

    Raises:
        TrainingError: It differs by more, or by NaN.
    """
    differing = round(parity.examples * (1 - parity.agreement))
    allowed = max(1, int(parity.examples * (1 - tolerance.agreement)))
    if not (parity.apart <= tolerance.apart and differing <= allowed):
        raise TrainingError(f"the exported file answers otherwise than the model: {parity}{hint}")


def stand_in(feature: Feature, count: int = 64) -> np.ndarray:
    """Make up inputs of a feature, (count, ...), the same on every call.

    For a feature of pictures they are noise (see `pictures`), for any other they vary around its probe; a feature that
    is combined from others combines theirs.
    """
    if feature.parts:
        values = zip(*(stand_in(part, count) for part in feature.parts), strict=True)
        return np.array([feature.combine(*value) for value in values])
    if feature.dtype != "uint8":
        probe, rng = feature.probe(), np.random.default_rng(0)
        return (probe + rng.normal(0, probe.std(), (count, *feature.shape))).astype(feature.dtype)
    return pictures(feature.shape, count)


def pictures(shape: tuple[int, int, int], count: int) -> np.ndarray:
    """Make noise in blocks of 1 to 16 pixels, so that all scales occur: uint8 (count, height, width, channels)."""
    rng = np.random.default_rng(0)
    height, width, channels = shape
    made = []
    for number in range(count):
        block = 2 ** (number % 5)
        small = rng.integers(0, 256, (-(-height // block), -(-width // block), channels))
        made.append(small.repeat(block, axis=0).repeat(block, axis=1)[:height, :width])
    return np.array(made, np.uint8)
