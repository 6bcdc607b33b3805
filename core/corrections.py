"""Baseline: a person's own neutral face, taken off what is read of them afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from .cards import Card
from .readings import Answer

BASELINE_S = 3.0
"""Over how long a neutral face is taken where time passes, in seconds."""

NEUTRAL = 0.4
"""What "neutral" gets of a face just like its own neutral; the other labels share the rest equally.

Were it no more than the others', a neutral face would be read as anything. With seven labels, 0.4 leaves it ahead until
another label's odds against neutral are four times what they are at rest; 0.7 would take fourteen times, and swallow
the small expressions that a baseline is taken for.
"""

UNSURE_BELOW = 0.3
"""The bar with a baseline, where the model's own is higher: that one is meant for a "neutral" above 0.4."""

_FLOOR = 1e-3  # probability below which differences mean nothing, though their logarithms are large


class Baseline:
    """One person's neutral face, as one model sees it.

    The mean of the log-probabilities at rest is subtracted from those of another moment. It takes the class prior off
    with it: apply no flat prior to answers that are given to a baseline, nor to those that come from one. What a model
    could not see, a blank answer, is neither counted nor corrected.

    Examples:
        >>> rest = {"fer7": Answer({"happy": 0.1, "sad": 0.6, "neutral": 0.3})}
        >>> Baseline.of([rest]).correct(rest)["fer7"].label
        'neutral'
    """

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, float]] = {}
        self._looks: Counter[str] = Counter()

    @classmethod
    def of(cls, looks: Iterable[Mapping[str, Answer]]) -> Baseline:
        """The baseline of any number of looks at the person at rest."""
        baseline = cls()
        for answers in looks:
            baseline.add(answers)
        return baseline

    def add(self, answers: Mapping[str, Answer]) -> None:
        """Count one more look at the person at rest.

        Args:
            answers: By label set, as the model gives them, neither smoothed nor corrected.
        """
        for name, answer in answers.items():
            if answer.blank:
                continue
            self._looks[name] += 1
            sums = self._sums.setdefault(name, {})
            for label, value in answer.probabilities.items():
                sums[label] = sums.get(label, 0.0) + _log(value)

    def correct(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        """The answers without the person's own neutral; those in labels that were not seen at rest stay as they are."""
        return {name: self._corrected(name, answer) for name, answer in answers.items()}

    def _corrected(self, name: str, answer: Answer) -> Answer:
        sums, labels = self._sums.get(name, {}), tuple(answer.probabilities)
        if answer.blank or tuple(sums) != labels or "neutral" not in labels:
            return answer
        rest = (1 - NEUTRAL) / (len(labels) - 1)
        logs = [
            _log(value) - sums[label] / self._looks[name] + np.log(NEUTRAL if label == "neutral" else rest)
            for label, value in answer.probabilities.items()
        ]
        values = np.exp(np.array(logs) - max(logs))
        probabilities = dict(zip(labels, (values / values.sum()).tolist(), strict=True))
        return replace(answer, probabilities=probabilities, unsure_below=min(answer.unsure_below, UNSURE_BELOW))


def _log(probability: float) -> float:
    return float(np.log(max(probability, _FLOOR)))


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
