"""What is done about rare classes: their weight in the loss, and how often they are drawn."""

from __future__ import annotations

import numpy as np


def class_weights(labels: np.ndarray) -> np.ndarray:
    """Float32 (n,): each example weighs as its class is rare, one on average over the examples."""
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return (len(labels) / (len(counts) * counts[classes])).astype(np.float32)


def epoch_order(labels: np.ndarray, balance: str, rng: np.random.Generator) -> np.ndarray:
    """Row numbers (n,) of one epoch, shuffled.

    With `balance` "oversample" every class is drawn equally often (to within one): a rare one's rows again and again,
    each as often as the others to within one, and of a common one's rows a part, another in each epoch.
    """
    if balance != "oversample":
        return rng.permutation(len(labels))
    classes = np.unique(labels)
    quotas = np.full(len(classes), len(labels) // len(classes))
    quotas[rng.permutation(len(classes))[: len(labels) % len(classes)]] += 1
    drawn = [
        _cycle(np.flatnonzero(labels == one), quota, rng) for one, quota in zip(classes, quotas, strict=True) if quota
    ]
    return rng.permutation(np.concatenate(drawn))


def _cycle(rows: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    rounds = -(-count // len(rows))
    return np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:count]
