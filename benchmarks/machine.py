"""The machine that something was measured on, and how busy other programs kept it meanwhile."""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from time import monotonic, sleep

from benchmarks.measuring import family

QUIET = 0.1
"""Share of all cores that other programs may take without spoiling a time."""

PATIENCE_S = 300.0
"""How long a measurement waits for other programs to end, in seconds."""

_LIBRARIES = ("numpy", "ai-edge-litert", "mediapipe", "opencv-python-headless", "tensorflow", "keras", "pyarrow")
_GLANCE_S = 3.0


class Watch:
    """Tells how busy other programs keep the machine from now on; it waits at first until they leave it alone (Linux).

    Args:
        patience_s: Longest time to wait, in seconds; `PATIENCE_S` if not given.
    """

    def __init__(self, patience_s: float | None = None) -> None:
        patience_s = PATIENCE_S if patience_s is None else patience_s
        end = monotonic() + patience_s
        self._ours = Ours()
        while True:
            self._began, self._others_began_s = monotonic(), self._others_s()
            sleep(min(_GLANCE_S, max(patience_s, 0.1)))
            if self.others() <= QUIET or monotonic() > end:
                break

    def others(self) -> float:
        """Share of all cores that other programs took since the watch began, from 0 to 1."""
        wall_s = monotonic() - self._began
        return max(0.0, self._others_s() - self._others_began_s) / (wall_s * (os.cpu_count() or 1))

    def _others_s(self) -> float:
        return _busy_s() - self._ours.seconds()

    def machine(self) -> dict:
        """Describe the machine as `machine` does, with what `others` took, and end the watch."""
        taken = self.others()
        self._ours.end()
        return machine(taken)


def machine(others: float) -> dict:
    """Describe the machine and this time: processor, memory, versions of Python and libraries, and the date.

    Args:
        others: Share of all cores that other programs took, from 0 to 1.
    """
    return {
        "processor": _processor(),
        "instructions": _instructions(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in _LIBRARIES},
        "date": datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0"),
        "others": round(others, 3),
    }


def has_vnni(place: Mapping[str, object]) -> bool:
    """Whether the processor of a `machine` has the instructions that speed up networks of whole numbers."""
    return "no VNNI" not in str(place["instructions"])


def describe(place: Mapping[str, object]) -> str:
    """Write the machine as one line.

    Args:
        place: Result of `machine`.
    """
    versions = ", ".join(f"{name} {version}" for name, version in place["versions"].items())
    return (
        f"{place['date']}, on {place['cores']} cores of {place['processor']} ({place['instructions']}), "
        f"{place['memory_gb']:.0f} GB, {place['system']}, Python {place['python']}, {versions}; other programs took "
        f"{place['others']:.0%} of the cores meanwhile"
        + (" (**busy: times are not to be trusted**)" if place["others"] > QUIET else "")
    )


class Ours(threading.Thread):
    """Counts the processor time of this process and of all that it started, from now on, in a thread (Linux).

    The system adds a child's time to its parent's only where the parent waits for it, which browsers do not do for all
    of theirs; and who looks from time to time misses the last moments of each child. What is larger is right.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._seen: dict[int, float] = {}
        self._lock, self._over = threading.Lock(), threading.Event()
        self.start()

    def run(self) -> None:
        """Look at all processes twice a second until the end."""
        while not self._over.wait(0.5):
            self._look()

    def end(self) -> None:
        """Stop looking, for that takes time too."""
        self._over.set()

    def seconds(self) -> float:
        """Processor time so far, in seconds."""
        self._look()
        with self._lock:
            seen = sum(self._seen.values())
        return max(seen, sum(os.times()[:4]))

    def _look(self) -> None:
        for pid in family(os.getpid()):
            try:
                after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            with self._lock:
                self._seen[pid] = sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")


def _busy_s() -> float:
    """Processor time that all programs have used since the machine started, and that its host took, in seconds."""
    words = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    user, nice, system, _idle, _waiting, interrupts, soft, stolen = map(int, words[1:9])
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _instructions() -> str:
    """Which of the instructions that make networks fast the processor has: "AVX2, no AVX512, no VNNI"."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    known = {"AVX2": "avx2", "AVX512": "avx512f", "VNNI": "vnni", "AVX512-BF16": "avx512_bf16"}
    return ", ".join(name if any(part in flag for flag in flags) else f"no {name}" for name, part in known.items())
