"""Runner: the two things an artifact asks of a loaded model file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np


class Runner(Protocol):
    """A loaded model file; only one thread at a time may use it.

    Attributes:
        takes: What one example must be, in words, such as "uint8 (48, 48, 1)".
        answers: Number of logits for each label set.
    """

    takes: str
    answers: Mapping[str, int]

    def fits(self, example: np.ndarray) -> bool:
        """Whether one example of the feature (without a batch axis) has the shape and dtype that the model takes."""

    def __call__(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        """Logits, or log-probabilities, float32 (n, labels) by label set, for a batch (n, ...) of examples."""
