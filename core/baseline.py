"""Baseline: a person's own neutral face, taken off what is read of them afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .readings import Answer
from .tracking import HIDDEN_S

BASELINE_S = 3.0
"""How long a face must be seen, in seconds."""

NEUTRAL = 0.4
"""What "neutral" gets of a face just like its own neutral; the other labels share the rest equally.

Were it no more than the others', a neutral face would be read as anything. With seven labels, 0.4 leaves it ahead until
another label's odds against neutral are four times what they are at rest; 0.7 would take fourteen times, and swallow
the small expressions that a baseline is taken for.
"""

UNSURE_BELOW = 0.3
"""The bar with a baseline, where the model's own is higher: that one is meant for a "neutral" above 0.4."""

_FLOOR = 1e-3  # probability below which differences mean nothing, though their logarithms are large
_FORGET_S = 60.0  # the tracker has given a number up long before


@dataclass
class _Neutral:
    """Sums of log-probabilities by label set, and for how long they were taken."""

    sums: dict[str, dict[str, float]] = field(default_factory=dict)
    looks: int = 0
    watched_s: float = 0.0
    last_s: float | None = None

    @property
    def progress(self) -> float:
        return min(self.watched_s / BASELINE_S, 1.0)

    def add(self, time_s: float, answers: Mapping[str, Answer]) -> None:
        # A pause counts as a second at most: nobody knows what the face did meanwhile.
        self.watched_s += 0.0 if self.last_s is None else min(max(time_s - self.last_s, 0.0), HIDDEN_S)
        self.last_s = time_s
        self.looks += 1
        for name, answer in answers.items():
            sums = self.sums.setdefault(name, dict.fromkeys(answer.probabilities, 0.0))
            for label, value in answer.probabilities.items():
                sums[label] = sums.get(label, 0.0) + _log(value)


class Baselines:
    """The neutral faces of a stream's people, by face number.

    The mean of the log-probabilities of some seconds is taken off from then on. It takes the class prior off with it:
    apply no flat prior to a face that has a baseline, nor to the answers that are given to this class.
    """

    def __init__(self) -> None:
        self._neutrals: dict[int, _Neutral] = {}
        self._seen_s: dict[int, float] = {}

    def start(self, number: int | None = None) -> None:
        """Take the next three seconds of a face, or of every face in view, as its neutral."""
        if number is None:
            now_s = max(self._seen_s.values(), default=0.0)
            wanted = [known for known, seen_s in self._seen_s.items() if now_s - seen_s <= HIDDEN_S]
        else:
            wanted = [number]
            self._seen_s.setdefault(number, max(self._seen_s.values(), default=0.0))
        self._neutrals |= {each: _Neutral() for each in wanted}

    def observe(self, number: int, time_s: float, answers: Mapping[str, Answer]) -> None:
        """Take note of what a model says of a face; to be called for every face of every picture that is read.

        Args:
            number: The face's.
            time_s: The picture's moment, in seconds.
            answers: As the model gives them, neither smoothed nor corrected.
        """
        self._seen_s[number] = time_s
        neutral = self._neutrals.get(number)
        if neutral and neutral.progress < 1:
            neutral.add(time_s, answers)
        for gone in [known for known, seen_s in self._seen_s.items() if time_s - seen_s > _FORGET_S]:
            del self._seen_s[gone]
            self._neutrals.pop(gone, None)

    def correct(self, number: int, answers: Mapping[str, Answer]) -> Mapping[str, Answer]:
        """The answers without the person's own neutral; the same object while there is no whole baseline."""
        neutral = self._neutrals.get(number)
        if not neutral or neutral.progress < 1:
            return answers
        return {name: _corrected(answer, neutral.sums.get(name), neutral.looks) for name, answer in answers.items()}

    def forget(self, number: int | None = None) -> None:
        """Read a face, or every face, without its neutral again."""
        if number is None:
            self._neutrals.clear()
        else:
            self._neutrals.pop(number, None)

    def state(self, number: int) -> float | None:
        """How much of a face's neutral was taken, 1 when it is in use; None where none was asked for."""
        neutral = self._neutrals.get(number)
        return neutral.progress if neutral else None


def _corrected(answer: Answer, sums: Mapping[str, float] | None, looks: int) -> Answer:
    labels = tuple(answer.probabilities)
    if sums is None or tuple(sums) != labels or "neutral" not in labels:
        return answer  # another model's baseline
    rest = (1 - NEUTRAL) / (len(labels) - 1)
    logs = [
        _log(answer.probabilities[label]) - sums[label] / looks + np.log(NEUTRAL if label == "neutral" else rest)
        for label in labels
    ]
    values = np.exp(np.array(logs) - max(logs))
    probabilities = dict(zip(labels, (values / values.sum()).tolist(), strict=True))
    return replace(answer, probabilities=probabilities, unsure_below=min(answer.unsure_below, UNSURE_BELOW))


def _log(probability: float) -> float:
    return float(np.log(max(probability, _FLOOR)))
