"""The process of a job: waits for its turn, runs the command, and writes down how that ended. See `jobs.py`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from training.jobs import queue
from training.jobs.queue import await_end

_PATIENCE_S = 60
"""How long a command may take to end when it is asked to."""

_YIELD = 5
"""By how much a job is less urgent than the studio, which shows how far it is."""


def lead(folder: Path, lock: int) -> None:
    """Run the job of a folder.

    Args:
        folder: Of the job.
        lock: The descriptor that holds its lock; the command inherits it, so that the job lives as long as either.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # a shell may have had them ignored
    command, code = None, None
    try:
        (folder / queue.LEADER).write_text(str(os.getpid()))
        if (folder / queue.STOP).exists():  # whoever stops it from now on finds whom to interrupt
            return
        _await_turn(folder)
        (folder / queue.BEGUN).touch()
        os.nice(_YIELD)
        plan = json.loads((folder / queue.PLAN).read_text(encoding="utf-8"))
        command = subprocess.Popen(plan["command"], pass_fds=(lock,))
        code = command.wait()
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        (folder / queue.STOP).touch()
        code = command and _end(command)
    if code is not None:
        (folder / queue.EXIT).write_text(str(code))


def _await_turn(folder: Path) -> None:
    """Wait for all jobs before this one. Those that begin later have higher numbers, so there will be no more."""
    for earlier in queue.folders():
        if int(earlier.name) < int(folder.name):
            await_end(earlier)


def _end(command: subprocess.Popen) -> int:
    command.send_signal(signal.SIGINT)
    try:
        return command.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        command.kill()
        return command.wait()


if __name__ == "__main__":
    lead(Path(sys.argv[1]), int(sys.argv[2]))
