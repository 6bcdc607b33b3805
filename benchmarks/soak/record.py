"""What a soak saw: latencies, errors and memory over time, and whether it was fit."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

GROWTH_ALLOWED = 0.10
"""Of a process that lives through the whole soak, once it is warm: the median of the last fifth over the first's."""

WARM_S = 150.0
"""Models are loaded by then, and the studio drops the sessions of those who left: it keeps them for two minutes."""

_FEWEST = 10  # samples of memory below which nothing can be said of growth


class Recording:
    """Collects from any number of threads.

    Attributes:
        latencies: By kind of work: seconds since the start, and milliseconds that it took.
        memory: By process: seconds since the start, and megabytes.
        errors: What went wrong, each with its time and kind.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._lock = threading.Lock()
        self.latencies: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.memory: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.errors: list[tuple[float, str, str]] = []
        self._passing: set[str] = set()

    def seconds(self) -> float:
        """Since the start."""
        return self._clock() - self._began

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Note how long the block takes, or what it raises; a soak goes on after an error."""
        start = self._clock()
        try:
            yield
        except Exception as error:  # whatever it is, it is what a soak looks for
            with self._lock:
                self.errors.append((self.seconds(), kind, f"{type(error).__name__}: {error}"[:300]))
        else:
            with self._lock:
                self.latencies[kind].append((start - self._began, (self._clock() - start) * 1e3))

    def holds(self, process: str, megabytes: float, lasts: bool = True) -> None:
        """Note what a process holds now; of what comes and goes no growth is asked."""
        with self._lock:
            if not lasts:
                self._passing.add(process)
            self.memory[process].append((self.seconds(), megabytes))

    def growth(self) -> dict[str, float]:
        """By process that lasts and was seen often enough: the share by which it grew after it was warm."""
        grown = {}
        for process, samples in self.memory.items():
            held = np.array([megabytes for seconds, megabytes in samples if seconds >= WARM_S])
            if process not in self._passing and len(held) >= _FEWEST:
                fifth = len(held) // 5
                grown[process] = float(np.median(held[-fifth:]) / np.median(held[:fifth]) - 1)
        return grown

    def faults(self) -> list[str]:
        """Why it was not fit, in sentences; none if it was."""
        told = [f"{kind} failed after {seconds:.0f} s: {what}" for seconds, kind, what in self.errors]
        for process, growth in self.growth().items():
            if growth > GROWTH_ALLOWED:
                told.append(f"{process} grew by {growth:.0%}, more than the {GROWTH_ALLOWED:.0%} that are allowed")
        return told

    def save(self, path: Path) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"latencies": self.latencies, "memory": self.memory, "errors": self.errors}
        path.write_text(json.dumps(content) + "\n")
