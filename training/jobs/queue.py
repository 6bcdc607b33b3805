"""A queue of jobs: commands that run one after the other in processes that outlive the one that began them.

A job is a folder. Nothing keeps a list of running jobs: the processes of a job hold a lock in its folder, which the
operating system releases however the last of them ends, and all else is read from its files.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from training.errors import TrainingError
from training.runs import mlflow_runs

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_LOCK = "job.lock"


def is_supported() -> bool:
    """Tell whether processes of this system can inherit a lock."""
    return fcntl is not None


def hold(folder: Path) -> int:
    """Lock a new job until the returned descriptor is closed in all processes that have it."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def is_held(folder: Path) -> bool:
    """Tell whether a process of the job is alive."""
    try:
        with closing(open(folder / _LOCK, "rb")) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared, so that two readers do not see each other
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def await_end(folder: Path) -> None:
    """Wait until no process of the job is alive."""
    with suppress(FileNotFoundError), open(folder / _LOCK, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)


PLAN, LOG, LEADER = "job.json", "log.txt", "pid"
BEGUN, STOP, EXIT = "begun", "stop", "exit"
"""The files of a job. `LEADER` holds a process number, `EXIT` an exit code; of `BEGUN` and `STOP`, which are empty,
only the time counts."""

_ROOT = Path(__file__).resolve().parents[2]
_TAIL_BYTES = 64_000
_TENSORFLOW = re.compile(r"[IWEF]\d{4} \d\d:|WARNING: All log messages before absl")


@dataclass(frozen=True)
class Job:
    """A command in the queue, or one that has left it.

    Attributes:
        folder: Folder of the job, whose name is its number.
        title: Title for the page.
        command: Program and arguments.
        run: Folder of the training run that the job works on, or None.
        model: Name of the model that the command installs, or None.
        state: "waiting", "running" or "stopping"; at the end "finished", "failed" or "stopped".
        is_killed: Whether nobody asked it to stop: it was killed, or its machine went down.
        begun: Time at which the command started, or None.
        ended: Time at which the command ended, or None if that is not known.
    """

    folder: Path
    title: str
    command: tuple[str, ...]
    run: Path | None
    model: str | None
    state: str
    is_killed: bool
    begun: datetime | None
    ended: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether the job has left the queue."""
        return self.state not in ("waiting", "running", "stopping")


def queue() -> Path:
    """Name the folder of all jobs."""
    return mlflow_runs.RUNS / "jobs"


def submit(title: str, command: Sequence[str], run: Path | None = None, model: str | None = None) -> Job:
    """Put a command at the end of the queue; it starts in this folder as soon as all earlier jobs have ended.

    Args:
        title: Title for the page.
        command: Program and arguments.
        run: Folder of the training run that the job works on.
        model: Name of the model that the command installs.

    Raises:
        TrainingError: The queue's folder cannot be written, or this is Windows, where processes cannot inherit locks.
    """
    if not is_supported():
        raise TrainingError(f"jobs need Linux or macOS; in a terminal give: {shlex.join(command)}")
    try:
        queue().mkdir(parents=True, exist_ok=True)
        new = Path(mkdtemp(prefix="new-", dir=queue()))
    except OSError as error:
        raise TrainingError(f"{queue()}: cannot be written ({error.strerror}); make it writable") from None
    plan = {"title": title, "command": list(command), "run": run and str(run), "model": model}
    (new / PLAN).write_text(json.dumps(plan, indent=2) + "\n", encoding="utf-8")
    lock = hold(new)  # before others see the job: later jobs rely on the lock
    try:
        with open(new / LOG, "wb") as log:
            folder = _numbered(new)
            leader = subprocess.Popen(
                [sys.executable, "-m", "training.jobs.worker", str(folder.resolve()), str(lock)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONPATH": _with_root(), "PYTHONUNBUFFERED": "1"},
                pass_fds=(lock,),
                start_new_session=True,
            )
    finally:
        os.close(lock)
    threading.Thread(target=leader.wait, daemon=True).start()  # else it would stay as a zombie
    return read(folder)


def jobs() -> list[Job]:
    """Read all jobs in the order of the queue, the oldest first."""
    return [read(folder) for folder in folders()]


def folders() -> list[Path]:
    """List the folders of all jobs, in the order of the queue."""
    return sorted((path for path in queue().glob("*/") if path.name.isdecimal()), key=lambda path: int(path.name))


def read(folder: Path) -> Job:
    """Read the present state of a job from its files."""
    held = is_held(folder)  # first: a job writes its last file while it holds the lock
    plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    begun, ended = _changed(folder / BEGUN), None if held else _changed(folder / EXIT)
    state = _state(folder, held)
    return Job(
        folder=folder,
        title=plan["title"],
        command=tuple(plan["command"]),
        run=Path(plan["run"]) if plan["run"] else None,
        model=plan.get("model"),  # a job of an earlier version does not say
        state=state,
        is_killed=state == "stopped" and not (folder / STOP).exists(),
        begun=begun,
        ended=ended,
    )


def stop(folder: Path) -> None:
    """Ask a job to end, or take it out of the queue; a training keeps its best finished epoch.

    The command is interrupted as by Ctrl-C, and killed if it does not end then.
    """
    if not is_held(folder):
        return
    (folder / STOP).touch()
    with suppress(FileNotFoundError, ProcessLookupError):  # not started, and then it sees the file; or ended
        leader = int((folder / LEADER).read_text())
        try:
            os.kill(leader, signal.SIGINT)
        except ProcessLookupError:  # it was killed, and its command lives on
            os.killpg(leader, signal.SIGINT)


def tail(folder: Path, lines: int) -> list[str]:
    """Read the last lines that a job's command has written."""
    with open(folder / LOG, "rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
        return log.read().decode("utf-8", "replace").splitlines()[-lines:]


def last_word(folder: Path) -> str:
    """Read the last line that is not from TensorFlow's own log, without a leading "error:"."""
    lines = [line for line in tail(folder, 100) if line.strip() and not _TENSORFLOW.match(line)]
    return lines[-1].removeprefix("error: ") if lines else ""


def _numbered(new: Path) -> Path:
    """Rename the folder to the next free number."""
    number = 1 + max((int(folder.name) for folder in folders()), default=0)
    while True:
        try:
            return new.rename(queue() / f"{number:04}")
        except OSError:  # another process was quicker
            if not (queue() / f"{number:04}").exists():
                raise
            number += 1


def _state(folder: Path, held: bool) -> str:
    to_stop = (folder / STOP).exists()
    if held:
        return "stopping" if to_stop else "running" if (folder / BEGUN).exists() else "waiting"
    try:
        code = int((folder / EXIT).read_text())
    except (FileNotFoundError, ValueError):
        code = None
    if code == 0:
        return "finished"
    return "stopped" if to_stop or code is None or code < 0 else "failed"


def _changed(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def _with_root() -> str:
    """Extend `PYTHONPATH` by this repository, as the app may have been started elsewhere."""
    return os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
