"""Times, memory and sizes, as every section of the benchmarks takes them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median and 95th percentile, and of how many."""
    values = list(values)
    return {"median": float(np.median(values)), "p95": float(np.percentile(values, 95)), "n": len(values)}


def alternating(calls: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each call gives, in rounds in which each has its turn, so that a busy machine slows them alike."""
    given: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            given[name].append(call())
    return given


def milliseconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e3


def folder_bytes(folders: Sequence[Path]) -> int:
    """What the files in some folders hold, each file once."""
    sizes = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                status = path.stat()
                sizes[status.st_ino] = status.st_size
    return sum(sizes.values())


def peak_bytes(pid: int) -> int:
    """The most memory that a living process has held so far (Linux)."""
    return _status(pid, "VmHWM:")


def resident_bytes(pid: int) -> int:
    """What a process holds now; 0 if it is gone (Linux)."""
    return _status(pid, "VmRSS:")


def _status(pid: int, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)


class Peak(threading.Thread):
    """The most memory that a process and its children held at once, looked at four times a second (Linux).

    A context manager; shared pages count once. `bytes` is the result.
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
        """Look until the block is left."""
        while not self._over.is_set():
            self.bytes = max(self.bytes, sum(map(_proportional_bytes, family(self._pid))))
            self._over.wait(0.25)


def family(pid: int) -> list[int]:
    """A process and all that came of it."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        for task in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            try:
                todo += map(int, task.read_text().split())
            except OSError:  # it ended meanwhile
                continue
    return found


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
