"""Priors: how common each expression was in training, and answers as if all were equally common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .cards import Card
from .readings import Answer


def with_flat_prior(answers: Mapping[str, Answer], card: Card) -> Mapping[str, Answer]:
    """The answers with every label counted as equally common.

    The card's `data` lists the training set's frequencies under "priors" by label set, in the label set's order. A
    label set without them is left as it is, and so is the answer to a face that the model could not see.
    """
    priors = card.data.get("priors", {})
    return {name: _flattened(answer, priors[name]) if name in priors else answer for name, answer in answers.items()}


def flattened(probabilities: np.ndarray, priors: Sequence[float]) -> np.ndarray:
    """Probabilities (n, k) as they were if every label were equally common, instead of as common as (k,) says.

    They are divided by the training set's frequencies (Saerens, Latinne and Decaestecker 2002).
    """
    values = probabilities / np.maximum(priors, 1e-6)
    return values / values.sum(axis=1, keepdims=True)


def _flattened(answer: Answer, priors: Sequence[float]) -> Answer:
    if answer.blank:
        return answer
    (values,) = flattened(np.array([list(answer.probabilities.values())]), priors)
    return replace(answer, probabilities=dict(zip(answer.probabilities, values.tolist(), strict=True)))
