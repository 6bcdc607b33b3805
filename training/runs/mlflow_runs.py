"""Runs: every training, kept in MLflow, on SQLite under `runs/` unless `MLFLOW_TRACKING_URI` names a server."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from training.errors import TrainingError

RUNS = Path("runs")
"""Where run folders, the database and what is stored with the runs go."""

EXPERIMENT = "mien"
FOLDER, HOST, PROCESS, HEARTBEAT = "mien.folder", "mien.host", "mien.pid", "mien.heartbeat"
"""Tags from which the state of a run is derived."""

ID_FILE = "mlflow.json"
"""In a run's folder: which run it is in MLflow."""

_LOCK = "run.lock"
_SILENCE = timedelta(hours=1)
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # must stand before MLflow is imported
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # seven take minutes, and a training would wait for them
}


@dataclass(frozen=True)
class Run:
    """One training as MLflow knows it.

    Attributes:
        id: MLflow's.
        name: Of the artifact it makes, or of the sweep and its trial.
        state: "running", "interrupted" (killed, or its machine went down; it can be resumed), "failed" or "finished".
        started: When it was first started.
        folder: On the machine `host`: checkpoints, curves, plan.
        host: Name of that machine.
        parent: Id of the sweep's run that it is a trial of, or "".
        settings: What MLflow calls parameters: recipe, seed, precision and the recipe's settings, as text.
        figures: The latest value of each curve, and the Report's figures as `public_test/accuracy` and so on.
        tags: All the others: dataset, git commit, backend, command.
    """

    id: str
    name: str
    state: str
    started: datetime
    folder: Path
    host: str
    parent: str
    settings: Mapping[str, str]
    figures: Mapping[str, float]
    tags: Mapping[str, str]


def tracking_uri() -> str:
    """Where runs are kept: what `MLFLOW_TRACKING_URI` names, else `runs/mlflow.db`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(RUNS / 'mlflow.db').resolve().as_posix()}"


def load_mlflow() -> Any:
    """MLflow, imported, which takes seconds the first time."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import mlflow

    return mlflow


def connect() -> tuple[Any, str]:
    """MLflow's client and the id of the experiment; both are made on the first call.

    Raises:
        Exception: whatever MLflow raises where its database or server cannot be used.
    """
    uri = tracking_uri()
    artifacts = None  # a server knows its own place for them
    if uri.startswith("sqlite:"):
        RUNS.mkdir(parents=True, exist_ok=True)
        artifacts = (RUNS / "artifacts").resolve().as_uri()
    client = load_mlflow().MlflowClient(uri)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        return client, client.create_experiment(EXPERIMENT, artifact_location=artifacts)
    return client, experiment.experiment_id


def write(client: Any, run: str, figures=(), settings: Mapping[str, Any] | None = None, tags=None) -> None:
    """Log several things at once; `figures` are (name, value, step)."""
    load_mlflow()
    from mlflow.entities import Metric, Param, RunTag

    now = int(datetime.now(UTC).timestamp() * 1000)
    client.log_batch(
        run,
        metrics=[Metric(name, float(value), now, step) for name, value, step in figures],
        params=[Param(name, str(value)) for name, value in (settings or {}).items()],
        tags=[RunTag(name, str(value)) for name, value in (tags or {}).items()],
    )


def list_runs() -> list[Run]:
    """All runs, the newest first, each with the state that it really has; [] before the first one.

    A process that was killed leaves its run "RUNNING" in MLflow. Its state is derived instead: the process holds a
    lock in the run's folder, which the operating system takes back whenever and however it ends. A run of another
    machine is taken for running while its last word is younger than an hour.

    Raises:
        Exception: whatever MLflow raises where its database or server cannot be used.
    """
    if is_empty():
        return []
    client, experiment = connect()
    found, token = [], None
    while True:
        page = client.search_runs([experiment], order_by=["attributes.start_time DESC"], page_token=token)
        found += page
        token = page.token
        if not token:
            return [_run(each) for each in found]


def is_empty() -> bool:
    """Whether nothing was ever logged on this machine, which is known without MLflow."""
    uri = tracking_uri()
    return uri.startswith("sqlite:") and not Path(uri.removeprefix("sqlite:///")).exists()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run's folder for as long as this process works on it; one in which nothing came to lie is gone again.

    Raises:
        TrainingError: another process does, or the folder cannot be written.
    """
    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=3)  # whoever lists the runs holds it for a moment
    except Timeout:
        raise TrainingError(f"{folder}: a training is at work here; wait for it or give another --run") from None
    except OSError as error:
        raise TrainingError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from None
    try:
        yield
    finally:
        with suppress(OSError):
            if [path.name for path in folder.iterdir()] == [_LOCK]:
                (folder / _LOCK).unlink()  # while it is held: whoever waits for it notices
        lock.release()
        with suppress(OSError):
            folder.rmdir()  # if it is empty


def is_held(folder: Path) -> bool:
    """Whether a process of this machine is at work in a run's folder."""
    if not (folder / _LOCK).exists():
        return False
    try:
        with FileLock(folder / _LOCK).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # not ours to write
        return False


def id_of(folder: Path) -> str:
    """Which run a folder holds: its id in MLflow, or "" where the folder does not say."""
    try:
        return json.loads((folder / ID_FILE).read_text(encoding="utf-8"))["run_id"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _run(entity: Any) -> Run:
    tags = dict(entity.data.tags)
    return Run(
        id=entity.info.run_id,
        name=entity.info.run_name or "",
        state=_state(entity.info.run_id, entity.info.status, tags),
        started=datetime.fromtimestamp(entity.info.start_time / 1000, UTC),
        folder=Path(tags.get(FOLDER, "")),
        host=tags.get(HOST, ""),
        parent=tags.get("mlflow.parentRunId", ""),
        settings=dict(entity.data.params),
        figures=dict(entity.data.metrics),
        tags=tags,
    )


def _state(run: str, status: str, tags: Mapping[str, str]) -> str:
    if status != "RUNNING":
        return {"FINISHED": "finished", "FAILED": "failed"}.get(status, "interrupted")
    if tags.get(HOST) == platform.node() and FOLDER in tags:
        folder = Path(tags[FOLDER])  # another run may have begun in it since
        return "running" if id_of(folder) == run and is_held(folder) else "interrupted"
    try:
        silence = datetime.now(UTC) - datetime.fromisoformat(tags[HEARTBEAT])
    except (KeyError, ValueError, TypeError):
        return "interrupted"
    return "running" if silence < _SILENCE else "interrupted"
