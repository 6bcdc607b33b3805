"""Baselines: the neutral faces of a stream's people, each taken while the person is watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..corrections import BASELINE_S, Baseline
from ..readings import Answer
from .tracking import HIDDEN_S

_FORGET_S = 60.0  # the tracker has given a number up long before


@dataclass
class _Watched:
    """A baseline, and for how long it was taken."""

    baseline: Baseline = field(default_factory=Baseline)
    watched_s: float = 0.0
    last_s: float | None = None

    @property
    def progress(self) -> float:
        return min(self.watched_s / BASELINE_S, 1.0)

    def add(self, time_s: float, answers: Mapping[str, Answer]) -> None:
        # A pause counts as a second at most: nobody knows what the face did meanwhile.
        self.watched_s += 0.0 if self.last_s is None else min(max(time_s - self.last_s, 0.0), HIDDEN_S)
        self.last_s = time_s
        self.baseline.add(answers)


class Baselines:
    """The baselines of a stream's people, by face number: three seconds each, in use from then on."""

    def __init__(self) -> None:
        self._watched: dict[int, _Watched] = {}
        self._seen_s: dict[int, float] = {}

    def start(self, number: int | None = None) -> None:
        """Take the next three seconds of a face, or of every face in view, as its neutral."""
        if number is None:
            now_s = max(self._seen_s.values(), default=0.0)
            wanted = [known for known, seen_s in self._seen_s.items() if now_s - seen_s <= HIDDEN_S]
        else:
            wanted = [number]
            self._seen_s.setdefault(number, max(self._seen_s.values(), default=0.0))
        self._watched |= {each: _Watched() for each in wanted}

    def observe(self, number: int, time_s: float, answers: Mapping[str, Answer]) -> None:
        """Take note of what a model says of a face; to be called for every face of every picture that is read.

        Args:
            number: The face's.
            time_s: The picture's moment, in seconds.
            answers: As the model gives them, neither smoothed nor corrected.
        """
        self._seen_s[number] = time_s
        watched = self._watched.get(number)
        if watched and watched.progress < 1:
            watched.add(time_s, answers)
        for gone in [known for known, seen_s in self._seen_s.items() if time_s - seen_s > _FORGET_S]:
            del self._seen_s[gone]
            self._watched.pop(gone, None)

    def of(self, number: int) -> Baseline | None:
        """A face's baseline; None while there is no whole one."""
        watched = self._watched.get(number)
        return watched.baseline if watched and watched.progress == 1 else None

    def forget(self, number: int | None = None) -> None:
        """Read a face, or every face, without its neutral again."""
        if number is None:
            self._watched.clear()
        else:
            self._watched.pop(number, None)

    def state(self, number: int) -> float | None:
        """How much of a face's neutral was taken, 1 when it is in use; None where none was asked for."""
        watched = self._watched.get(number)
        return watched.progress if watched else None
