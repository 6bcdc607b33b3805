"""Times, memory and sizes, measured in the same way by every section of the benchmarks."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, 95th percentile and number of some values."""
    values = list(values)
    return {"median": float(np.median(values)), "p95": float(np.percentile(values, 95)), "n": len(values)}


def alternating(calls: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Call each function once a round, so that a busy machine slows all of them alike.

    Args:
        calls: Functions by name, each of which returns its own measurement.
        rounds: Number of rounds.

    Returns:
        Measurements of each function by name, in order.
    """
    given: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            given[name].append(call())
    return given


def milliseconds(call: Callable[[], object]) -> float:
    """Time that a call takes, in milliseconds."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e3


def folder_bytes(folders: Sequence[Path]) -> int:
    """Size of the files in some folders, a file with several names counted once and links not at all."""
    sizes = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                status = path.stat()
                sizes[status.st_ino] = status.st_size
    return sum(sizes.values())


def peak_bytes(pid: int) -> int:
    """Largest resident memory so far of a process that still runs (Linux only)."""
    return _status(pid, "VmHWM:")


def resident_bytes(pid: int) -> int:
    """Resident memory of a process now; 0 if it has ended (Linux only)."""
    return _status(pid, "VmRSS:")


def _status(pid: int, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)


class Peak(threading.Thread):
    """Measures the largest memory of a process and its children together, four times a second (Linux only).

    A context manager; pages that processes share count once.

    Attributes:
        bytes: Largest memory so far.
    """

    def __init__(self, pid: int | None = None) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._pid, self._over = pid or os.getpid(), threading.Event()

    def __enter__(self) -> Peak:
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Measure until the block ends."""
        while not self._over.is_set():
            self.bytes = max(self.bytes, sum(map(proportional_bytes, family(self._pid))))
            self._over.wait(0.25)


def family(pid: int) -> list[int]:
    """Process ids of a process and of all its descendants."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        for task in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            try:
                todo += map(int, task.read_text().split())
            except OSError:  # it ended meanwhile
                continue
    return found


def proportional_bytes(pid: int) -> int:
    """Resident memory of a process now, in which a page that several share counts by its share; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
