"""Running models: what each kind of model file is opened with, and the model folders that are installed.

A runner's libraries are imported when the first model of its kind is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np


class Runner(Protocol):
    """A loaded model file; only one thread at a time may use it.

    Attributes:
        takes: Words for what one example must be, such as "uint8 (48, 48, 1)".
        answers: Number of logits for each label set.
    """

    takes: str
    answers: Mapping[str, int]

    def fits(self, example: np.ndarray) -> bool:
        """Whether one example of the feature (without a batch axis) has the shape and dtype that the model takes."""

    def __call__(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        """Logits, or log-probabilities, for a batch of examples.

        Args:
            batch: (n, ...), examples for which `fits` is true.

        Returns:
            Float32 (n, labels) for each label set.
        """
