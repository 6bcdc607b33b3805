"""Smoothing: steady answers over time, made of the answers to single pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..readings import Answer
from .tracking import HIDDEN_S

MARGIN = 0.1
"""How far ahead in probability a label must be to be shown at once instead of the one that is held."""

NARROW_MARGIN, AHEAD_S = 0.03, 0.5
"""How far ahead, and for how long in seconds, a label must be to be shown though it is not ahead by `MARGIN`."""

UNSURE_MARGIN = 0.025
"""How far past the bar the confidence must rise or fall before "unsure" goes or comes, in probability."""


@dataclass(frozen=True)
class _State:
    time_s: float
    labels: tuple[str, ...]
    newest: np.ndarray
    smooth: np.ndarray
    held: int
    leader: int
    ahead_since_s: float
    is_unsure: bool


class Smoother:
    """Smooths each face's answers over time, and holds its label until another is clearly ahead.

    Probabilities are averaged with weights that fade exponentially with age in seconds. Between two pictures they are
    taken to change in a straight line, so that the frame rate makes no difference. It is the probabilities and not
    their logarithms that are averaged: in the mean of logarithms one picture that all but rules a label out would
    outweigh many that do not.

    Examples:
        >>> smoother = Smoother()
        >>> sad, happy = ({"two": Answer({"sad": p, "happy": 1 - p})} for p in (1.0, 0.0))
        >>> [smoother.update(1, time_s, answers, 0.4)["two"].label for time_s, answers in ((0, sad), (0.1, happy))]
        ['sad', 'sad']
    """

    def __init__(self) -> None:
        self._states: dict[int, dict[str, _State]] = {}

    def update(
        self, number: int, time_s: float, answers: Mapping[str, Answer], smoothing_s: float
    ) -> Mapping[str, Answer]:
        """The smoothed answers, with the label that is held.

        An answer's bar is moved a little to the side of what was shown last, so that "unsure" does not flicker.

        Args:
            number: Number of the face.
            time_s: Time of the picture, in seconds.
            answers: The model's answers to this picture, by label set.
            smoothing_s: Time constant in seconds, 0 for no smoothing; it may change from call to call.
        """
        before = self._states.get(number, {})
        after, smooth = {}, {}
        for name, answer in answers.items():
            after[name], smooth[name] = _step(before.get(name), time_s, answer, smoothing_s)
        self._states[number] = after
        self._states = {key: states for key, states in self._states.items() if not _is_gone(states, time_s)}
        return smooth


def _is_gone(states: Mapping[str, _State], time_s: float) -> bool:
    return all(time_s - state.time_s > HIDDEN_S for state in states.values())


def _step(before: _State | None, time_s: float, answer: Answer, smoothing_s: float) -> tuple[_State, Answer]:
    labels = tuple(answer.probabilities)
    newest = np.array([answer.probabilities[label] for label in labels], dtype=float)
    if before is None or before.labels != labels or time_s - before.time_s > HIDDEN_S:
        leader, bar = int(newest.argmax()), answer.unsure_below
        after = _State(time_s, labels, newest, newest, leader, leader, time_s, bool(newest[leader] < bar))
        return after, replace(answer, held=labels[leader])
    time_s = max(time_s, before.time_s)
    smooth = _smoothed(before, newest, time_s - before.time_s, smoothing_s)
    leader = int(smooth.argmax())
    lead = smooth[leader] - smooth[before.held]
    goes_on = leader == before.leader and lead >= NARROW_MARGIN
    since_s = before.ahead_since_s if goes_on else time_s
    clearly = lead >= MARGIN or time_s - since_s >= AHEAD_S
    held = leader if clearly else before.held
    bar = _moved_bar(answer.unsure_below, before.is_unsure)
    after = _State(time_s, labels, newest, smooth, held, leader, since_s, bool(smooth[held] < bar))
    values = dict(zip(labels, smooth.tolist(), strict=True))
    return after, replace(answer, probabilities=values, held=labels[held], unsure_below=bar)


def _smoothed(before: _State, newest: np.ndarray, passed_s: float, smoothing_s: float) -> np.ndarray:
    """Exponential smoothing of the straight line from the last probabilities to the newest."""
    if smoothing_s <= 0:
        return newest
    ratio = passed_s / smoothing_s
    left = np.exp(-ratio)  # weight of the past
    mean = -np.expm1(-ratio) / ratio if ratio > 1e-9 else 1.0  # mean of that weight over the interval
    smooth = left * before.smooth + (mean - left) * before.newest + (1 - mean) * newest
    return smooth / smooth.sum()


def _moved_bar(bar: float, was_unsure: bool) -> float:
    if bar <= 0:
        return bar  # a model that always answers
    return bar + UNSURE_MARGIN if was_unsure else max(bar - UNSURE_MARGIN, 0.0)
