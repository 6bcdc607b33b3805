"""Recording of a soak: latencies, errors and memory over time, and what is wrong with them."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

GROWTH_ALLOWED = 0.10
"""Largest share by which the memory of a process may grow after it is warm, from the first fifth to the last."""

WARM_S = 150.0
"""Seconds until a process is warm: models are loaded, and the studio drops sessions, which it keeps for two minutes."""

_FEWEST = 10  # samples of memory that a statement about growth needs


class Recording:
    """Collects measurements from any number of threads.

    Args:
        clock: Function that gives the time in seconds.

    Attributes:
        latencies: Pairs of start (seconds since the recording began) and duration (milliseconds), by kind of work.
        memory: Pairs of time (seconds since the recording began) and size (megabytes), by process.
        errors: Time, kind of work and message of each error.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._lock = threading.Lock()
        self.latencies: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.memory: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.errors: list[tuple[float, str, str]] = []
        self._passing: set[str] = set()

    def seconds(self) -> float:
        """Time since the recording began."""
        return self._clock() - self._began

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Note how long the block takes, or the error that it raises, which is not raised further."""
        start = self._clock()
        try:
            yield
        except Exception as error:  # any error is a finding
            with self._lock:
                self.errors.append((self.seconds(), kind, f"{type(error).__name__}: {error}"[:300]))
        else:
            with self._lock:
                self.latencies[kind].append((start - self._began, (self._clock() - start) * 1e3))

    def took(self, kind: str, milliseconds: Sequence[float]) -> None:
        """Note how long several pieces of work took that another program timed and that end now.

        Args:
            kind: Name of the kind of work.
            milliseconds: Duration of each.
        """
        with self._lock:
            self.latencies[kind] += [(self.seconds(), taken) for taken in milliseconds]

    def holds(self, process: str, megabytes: float, lasts: bool = True) -> None:
        """Note the memory of a process.

        Args:
            process: Name of the process.
            megabytes: Memory that it holds now.
            lasts: Whether it runs through the whole soak; growth is judged only then.
        """
        with self._lock:
            if not lasts:
                self._passing.add(process)
            self.memory[process].append((self.seconds(), megabytes))

    def growth(self) -> dict[str, float]:
        """Share by which each lasting process grew after it was warm, if it was measured often enough."""
        grown = {}
        for process, samples in self.memory.items():
            held = np.array([megabytes for seconds, megabytes in samples if seconds >= WARM_S])
            if process not in self._passing and len(held) >= _FEWEST:
                fifth = len(held) // 5
                grown[process] = float(np.median(held[-fifth:]) / np.median(held[:fifth]) - 1)
        return grown

    def faults(self) -> list[str]:
        """Sentences about errors and about memory that grew; none if all is well."""
        sentences = [f"{kind} failed after {seconds:.0f} s: {what}" for seconds, kind, what in self.errors]
        for process, growth in self.growth().items():
            if growth > GROWTH_ALLOWED:
                sentences.append(f"{process} grew by {growth:.0%}, more than the {GROWTH_ALLOWED:.0%} that are allowed")
        return sentences

    def save(self, path: Path) -> None:
        """Write all measurements to a JSON file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"latencies": self.latencies, "memory": self.memory, "errors": self.errors}
        path.write_text(json.dumps(content) + "\n")
