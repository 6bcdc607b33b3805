"""Trials that show what a model from elsewhere answers with: probabilities or logits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.errors import TrainingError

_TRIALS = 8
_ROUNDED = 0.02  # how far the sum of seven probabilities of 8 bits may be from 1


def noise(shape: tuple[int, ...]) -> np.ndarray:
    """Make pictures of noise, always the same: float32 (8, *shape) from 0 to 1."""
    return np.random.default_rng(0).uniform(0, 1, (_TRIALS, *shape)).astype(np.float32)


def are_probabilities(answers: np.ndarray, path: Path) -> bool:
    """Tell whether a model answers with probabilities; else its answers are logits.

    Args:
        answers: Float (n, labels), its answers to pictures of noise.
        path: File of the model, for messages.

    Raises:
        TrainingError: The answers are neither.
    """
    if not np.isfinite(answers).all():
        raise TrainingError(f"{path}: its answers are not finite; the file is damaged, or its training failed")
    if answers.min() >= 0 and np.allclose(answers.sum(axis=1), 1, atol=_ROUNDED):
        return True
    if answers.min() >= 0 and answers.max() <= 1:
        raise TrainingError(f"{path}: its answers do not sum to 1, so they are neither probabilities nor logits")
    return False
