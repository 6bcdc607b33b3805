"""Baselines in a stream: the neutral face of each person, taken while the stream runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..cards import Card
from ..corrections import BASELINE_S, Baseline
from ..readings import Answer
from .tracking import HIDDEN_S

_FORGET_S = 60.0  # after so long without a face its baseline goes; the tracker gave its number up long before


@dataclass
class _Recording:
    """A baseline that is being taken, or was."""

    baseline: Baseline
    recorded_s: float = 0.0
    last_s: float | None = None

    @property
    def progress(self) -> float:
        return min(self.recorded_s / BASELINE_S, 1.0)

    def add(self, time_s: float, answers: Mapping[str, Answer]) -> None:
        # A pause counts as a second at most: what the face did meanwhile is not known.
        self.recorded_s += 0.0 if self.last_s is None else min(max(time_s - self.last_s, 0.0), HIDDEN_S)
        self.last_s = time_s
        self.baseline.add(answers)


class Baselines:
    """The baselines of a stream's people, by face number; each is taken over three seconds and in use from then on.

    Args:
        card: Card of the model that gives the answers; without one, all its labels count as taught.

    Examples:
        >>> baselines = Baselines()
        >>> baselines.start(1)
        >>> for time_s in (0.0, 1.0, 2.0):
        ...     baselines.observe(1, time_s, {"two": Answer({"sad": 0.3, "neutral": 0.7})})
        >>> round(baselines.progress(1), 2)
        0.67
    """

    def __init__(self, card: Card | None = None) -> None:
        self._card = card
        self._recordings: dict[int, _Recording] = {}
        self._seen_s: dict[int, float] = {}

    def start(self, number: int | None = None) -> None:
        """Take the next three seconds of a face, or with None of every visible face, as its neutral face."""
        if number is None:
            now_s = max(self._seen_s.values(), default=0.0)
            wanted = [known for known, seen_s in self._seen_s.items() if now_s - seen_s <= HIDDEN_S]
        else:
            wanted = [number]
            self._seen_s.setdefault(number, max(self._seen_s.values(), default=0.0))
        self._recordings |= {each: _Recording(Baseline(self._card)) for each in wanted}

    def observe(self, number: int, time_s: float, answers: Mapping[str, Answer]) -> None:
        """Take note of a model's answers; to be called for every face of every picture that is read.

        Args:
            number: Number of the face.
            time_s: Time of the picture, in seconds.
            answers: The model's answers by label set, neither smoothed nor corrected.
        """
        self._seen_s[number] = time_s
        recording = self._recordings.get(number)
        if recording and recording.progress < 1:
            recording.add(time_s, answers)
        for gone in [known for known, seen_s in self._seen_s.items() if time_s - seen_s > _FORGET_S]:
            del self._seen_s[gone]
            self._recordings.pop(gone, None)

    def of(self, number: int) -> Baseline | None:
        """The baseline of a face; None while there is no complete one."""
        recording = self._recordings.get(number)
        return recording.baseline if recording and recording.progress == 1 else None

    def complete(self) -> tuple[int, ...]:
        """The faces whose baseline is in use, in the order of their numbers."""
        return tuple(number for number, recording in sorted(self._recordings.items()) if recording.progress == 1)

    def forget(self, number: int | None = None) -> None:
        """Drop the baseline of a face, or with None of every face."""
        if number is None:
            self._recordings.clear()
        else:
            self._recordings.pop(number, None)

    def progress(self, number: int) -> float | None:
        """How much of a face's baseline was taken, 0 to 1; 1 when it is in use, None where none was asked for."""
        recording = self._recordings.get(number)
        return recording.progress if recording else None
