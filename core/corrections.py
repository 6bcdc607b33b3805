"""Corrections of answers: for a person's own neutral face, and for labels that are rare or common in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from .cards import Card
from .readings import Answer

BASELINE_S = 3.0
"""Length of the part of a stream or video from which a neutral face is taken, in seconds."""

NEUTRAL = 0.4
"""Probability of "neutral" for a face just like the person's neutral one; the other labels share the rest equally.

With no more than the others get, a neutral face could be read as anything. With seven labels, 0.4 keeps "neutral" ahead
until another label's odds against it are four times what they are at rest. With 0.7 it would take fourteen times, and
the small expressions for which a baseline is taken would be lost.
"""

UNSURE_BELOW = 0.3
"""Confidence below which an answer with a baseline is unsure, unless the model's own bar is lower.

The model's own bar is made for a "neutral" above 0.4.
"""

CLEARLY_ANOTHER = 0.8
"""Confidence from which a face at rest shows another expression than "neutral", and is not just read as one.

A face that a model takes for sad or angry at rest is what a baseline is for, and such answers are seldom so sure. The
number is a choice and not a fit: below it nobody is asked, above it people are asked and not refused.
"""

_FLOOR = 1e-3  # probability below which differences mean nothing, though those of their logarithms are large


class Baseline:
    """One person's neutral face, as one model reads it.

    The mean of the log-probabilities at rest is subtracted from those of another moment. This takes off the class prior
    too: apply no flat prior to answers that are given to a baseline or come from one. Blank answers are neither counted
    nor corrected. Labels that the model was never taught get a probability of 0.

    Args:
        card: Card of that model, which tells what it was taught; without one, all its labels count as taught.

    Examples:
        >>> rest = {"fer7": Answer({"happy": 0.1, "sad": 0.6, "neutral": 0.3})}
        >>> Baseline.of([rest]).correct(rest)["fer7"].label
        'neutral'
    """

    def __init__(self, card: Card | None = None) -> None:
        self._card = card
        self._sums: dict[str, dict[str, float]] = {}
        self._counts: Counter[str] = Counter()

    @classmethod
    def of(cls, at_rest: Iterable[Mapping[str, Answer]], card: Card | None = None) -> Baseline:
        """The baseline of any number of answers to the person at rest; see `add`."""
        baseline = cls(card)
        for answers in at_rest:
            baseline.add(answers)
        return baseline

    def add(self, answers: Mapping[str, Answer]) -> None:
        """Count the answers to one more picture of the person at rest.

        Args:
            answers: Answers by label set, as the model gives them, neither smoothed nor corrected.
        """
        for name, answer in answers.items():
            if answer.blank:
                continue
            self._counts[name] += 1
            sums = self._sums.setdefault(name, {})
            for label, value in answer.probabilities.items():
                sums[label] = sums.get(label, 0.0) + _log(value)

    @property
    def at_rest(self) -> dict[str, Answer]:
        """How the model reads the person at rest, by label set: the geometric mean of what was counted."""
        return {
            name: Answer(_normalised({label: total / self._counts[name] for label, total in sums.items()}))
            for name, sums in self._sums.items()
        }

    @property
    def doubt(self) -> Answer | None:
        """The main answer to the person at rest, if it clearly shows another expression than "neutral"; else None.

        Examples:
            >>> laughing = Answer({"happy": 0.99, "sad": 0.005, "neutral": 0.005})
            >>> Baseline.of([{"fer7": laughing}]).doubt.label
            'happy'
        """
        main = next(iter(self.at_rest.values()), None)
        clear = main and main.label != "neutral" and main.confidence >= CLEARLY_ANOTHER
        return main if clear else None

    def correct(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        """The answers less the person's own neutral face.

        Answers in a label set without "neutral", or of a model that was never taught it, stay as they are.

        Args:
            answers: Answers by label set, as the model gives them or smoothed.
        """
        return {name: self._corrected(name, answer) for name, answer in answers.items()}

    def _corrected(self, name: str, answer: Answer) -> Answer:
        sums, labels = self._sums.get(name, {}), tuple(answer.probabilities)
        if answer.blank or tuple(sums) != labels:
            return answer
        taught = self._card.taught(name) if self._card else labels
        if "neutral" not in taught or len(taught) < 2:
            return answer
        rest = (1 - NEUTRAL) / (len(taught) - 1)
        known = _normalised(
            {
                label: _log(answer.probabilities[label])
                - sums[label] / self._counts[name]
                + np.log(NEUTRAL if label == "neutral" else rest)
                for label in taught
            }
        )
        probabilities = {label: known.get(label, 0.0) for label in labels}
        return replace(answer, probabilities=probabilities, unsure_below=min(answer.unsure_below, UNSURE_BELOW))


def _normalised(logs: Mapping[str, float]) -> dict[str, float]:
    values = np.exp(np.array(list(logs.values())) - max(logs.values()))
    return dict(zip(logs, (values / values.sum()).tolist(), strict=True))


def _log(probability: float) -> float:
    return float(np.log(max(probability, _FLOOR)))


def with_flat_prior(answers: Mapping[str, Answer], card: Card) -> Mapping[str, Answer]:
    """Answers as they would be if every label were equally common.

    Args:
        answers: Answers by label set.
        card: Card of the model. Its `data` may list the frequencies in training under "priors", by label set, in the
            order of the labels, 0 for a label that was not taught. Answers in a label set without them, and blank
            answers, stay as they are.
    """
    priors = card.data.get("priors", {})
    return {name: _flattened(answer, priors[name]) if name in priors else answer for name, answer in answers.items()}


def flattened(probabilities: np.ndarray, priors: Sequence[float]) -> np.ndarray:
    """Probabilities as they would be if every label were equally common (Saerens, Latinne and Decaestecker 2002).

    A label that training never showed has no chance under any prior: what a model says of it is noise, which a division
    by its frequency would raise above everything else.

    Args:
        probabilities: Float (n, k), for each of k labels; a row of NaN, a face that was not found, stays one.
        priors: Frequencies (k,) of the labels in training, 0 for a label that was not taught. Where all are 0, nothing
            is known of them, and the probabilities stay as they are.

    Returns:
        Float (n, k); each row sums to 1, and labels that were not taught have 0. A row that gives everything to these
        gives as much to each of the others.

    Examples:
        >>> flattened(np.array([[0.8, 0.2]]), [0.8, 0.2]).tolist()
        [[0.5, 0.5]]
        >>> flattened(np.array([[0.75, 0.2, 0.05]]), [0.75, 0.25, 0]).round(3).tolist()
        [[0.556, 0.444, 0.0]]
    """
    frequencies = np.asarray(priors, dtype=np.float64)
    taught = frequencies > 0
    if not taught.any():
        return probabilities
    # At most 1, so that a frequency next to 0 leads to no infinity.
    factors = np.divide(frequencies[taught].min(), frequencies, out=np.zeros_like(frequencies), where=taught)
    values = probabilities * factors
    values = np.where(values.sum(axis=1, keepdims=True) == 0, taught, values)
    return values / values.sum(axis=1, keepdims=True)


def _flattened(answer: Answer, priors: Sequence[float]) -> Answer:
    if answer.blank:
        return answer
    (values,) = flattened(np.array([list(answer.probabilities.values())]), priors)
    return replace(answer, probabilities=dict(zip(answer.probabilities, values.tolist(), strict=True)))
