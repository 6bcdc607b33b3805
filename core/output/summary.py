"""Summaries of a stream: how long each face showed which label, and how often its label changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

_A_MOMENT_S = 1e-6  # how long a stream's only frame counts, so that its shares are not 0 / 0


@dataclass(frozen=True)
class FaceSummary:
    """One face over a whole stream.

    Attributes:
        face: Number or name of the face.
        seconds: How long the face was visible, in seconds.
        shares: Share of that time by shown label, the largest first; they sum to 1.
        changes_a_minute: How often the shown label became another one, per minute.
    """

    face: Hashable
    seconds: float
    shares: Mapping[str, float]
    changes_a_minute: float


class Summary:
    """Adds up frames; what was shown counts until the next frame, so that variable frame rates weigh right.

    Examples:
        >>> summary = Summary()
        >>> for time_s, label in ((0.0, "sad"), (3.0, "happy")):
        ...     summary.add(time_s, {1: label})
        >>> summary.faces()
        [FaceSummary(face=1, seconds=6.0, shares={'sad': 0.5, 'happy': 0.5}, changes_a_minute=10.0)]
    """

    def __init__(self) -> None:
        self.frames = 0
        self._seconds: dict[Hashable, Counter[str]] = defaultdict(Counter)
        self._changes: Counter[Hashable] = Counter()
        self._last_label: dict[Hashable, str] = {}
        self._now: Mapping[Hashable, str] = {}
        self._now_s = 0.0
        self._gap_s = _A_MOMENT_S

    def add(self, time_s: float, labels: Mapping[Hashable, str]) -> None:
        """Take the next frame.

        Args:
            time_s: Time of the frame, in seconds.
            labels: The shown label of each visible face, by its number or name.
        """
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
        """The faces so far, the longest visible first. The last frame counts as long as the one before."""
        seconds = {face: counter.copy() for face, counter in self._seconds.items()}
        for face, label in self._now.items():
            seconds.setdefault(face, Counter())[label] += self._gap_s
        found = []
        for face, counter in seconds.items():
            total = counter.total()
            shares = {label: value / total for label, value in counter.most_common()}
            changes = self._changes[face] * 60 / max(total, 1.0)  # a face seen for a blink has no rate worth telling
            found.append(FaceSummary(face, total, shares, changes))
        return sorted(found, key=lambda summary: -summary.seconds)
