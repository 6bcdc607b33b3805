"""The process of a job: waits for its turn, runs the command, and records how it ended; see `training.jobs.queue`."""

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
"""Time that a command has to end after an interrupt, in seconds."""

_YIELD = 5
"""Increment of the niceness, so that a job does not slow the studio down."""


def lead(folder: Path, lock: int) -> None:
    """Run the job of a folder.

    Args:
        folder: Folder of the job.
        lock: File descriptor that holds the job's lock; the command inherits it, so that the job counts as alive while
            this process or the command is.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # a shell may have set them to be ignored
    command, code = None, None
    try:
        (folder / queue.LEADER).write_text(str(os.getpid()))
        if (folder / queue.STOP).exists():  # a later stop finds the process number
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
    """Wait until all earlier jobs have ended; jobs that begin later have higher numbers."""
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
