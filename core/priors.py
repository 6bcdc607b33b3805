"""Priors: how common each expression was in training, and answers as if all were equally common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from .cards import Card
from .readings import Answer


def with_flat_prior(answers: Mapping[str, Answer], card: Card) -> Mapping[str, Answer]:
    """The answers with every label counted as equally common.

    Probabilities are divided by the training set's frequencies (Saerens et al. 2002), which the card's `data` lists
    under "priors" by label set, in the label set's order. A label set without them is left as it is.
    """
    priors = card.data.get("priors", {})
    return {name: _flattened(answer, priors[name]) if name in priors else answer for name, answer in answers.items()}


def _flattened(answer: Answer, priors: list[float]) -> Answer:
    values = np.array(list(answer.probabilities.values())) / np.maximum(priors, 1e-6)
    return replace(answer, probabilities=dict(zip(answer.probabilities, (values / values.sum()).tolist(), strict=True)))
