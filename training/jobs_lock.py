"""The lock by which a job is known to live: its processes inherit it, and no end of theirs is too sudden to free it."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_LOCK = "job.lock"


def is_supported() -> bool:
    """Whether processes of this system can inherit a lock."""
    return fcntl is not None


def hold(folder: Path) -> int:
    """Hold the lock of a new job, until the descriptor that is returned is closed in all processes that have it."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def is_held(folder: Path) -> bool:
    """Whether a process of the job is alive."""
    try:
        with closing(open(folder / _LOCK, "rb")) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared, so that two who look do not see each other
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def await_end(folder: Path) -> None:
    """Wait until no process of the job is alive."""
    with suppress(FileNotFoundError), open(folder / _LOCK, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
