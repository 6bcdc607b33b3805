"""What each face of a stream showed: for how long, and how often it changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

_A_MOMENT_S = 1e-6  # what a stream's only frame counts for, so that its shares are not 0 / 0


@dataclass(frozen=True)
class FaceSummary:
    """One face over a whole stream.

    Attributes:
        face: Its number or name.
        seconds: How long it was in view.
        shares: Of that time, by shown label, the largest first; they sum to 1.
        changes_a_minute: How often the shown label became another.
    """

    face: Hashable
    seconds: float
    shares: Mapping[str, float]
    changes_a_minute: float


class Summary:
    """Adds up frames; what was shown counts until the next frame, so that variable frame rates weigh right."""

    def __init__(self) -> None:
        self.frames = 0
        self._seconds: dict[Hashable, Counter[str]] = defaultdict(Counter)
        self._changes: Counter[Hashable] = Counter()
        self._last_label: dict[Hashable, str] = {}
        self._now: Mapping[Hashable, str] = {}
        self._now_s = 0.0
        self._gap_s = _A_MOMENT_S

    def add(self, time_s: float, labels: Mapping[Hashable, str]) -> None:
        """Take the next frame: each face in view and the label it shows."""
        if self.frames:
            self._gap_s = max(time_s - self._now_s, _A_MOMENT_S)
            for face, label in self._now.items():
                self._seconds[face][label] += self._gap_s
        for face, label in labels.items():
            self._changes[face] += self._last_label.get(face, label) != label
        self._last_label |= labels
        self._now, self._now_s = labels, time_s
        self.frames += 1

    def faces(self) -> list[FaceSummary]:
        """The faces so far, the longest in view first. The last frame counts as long as the one before."""
        seconds = {face: counter.copy() for face, counter in self._seconds.items()}
        for face, label in self._now.items():
            seconds.setdefault(face, Counter())[label] += self._gap_s
        found = []
        for face, counter in seconds.items():
            total = counter.total()
            shares = {label: value / total for label, value in counter.most_common()}
            changes = self._changes[face] * 60 / max(total, 1.0)  # a blink of a face has no rate worth telling
            found.append(FaceSummary(face, total, shares, changes))
        return sorted(found, key=lambda summary: -summary.seconds)
