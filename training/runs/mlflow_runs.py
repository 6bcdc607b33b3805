"""Runs: all trainings as MLflow keeps them, in SQLite under `runs/` unless `MLFLOW_TRACKING_URI` names a server."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from training.errors import TrainingError
from training.runs.folder import read_history

RUNS = Path("runs")
"""Folder of the run folders, of the database and of the files that are stored with the runs."""

EXPERIMENT = "mien"
FOLDER, HOST, PROCESS, HEARTBEAT = "mien.folder", "mien.host", "mien.pid", "mien.heartbeat"
"""Tags from which the state of a run is derived."""

ID_FILE = "mlflow.json"
"""File in a run's folder with the id of the run in MLflow."""

CURVES = ("loss", "val_loss", "val_accuracy")
"""Curves that MLflow keeps of a run."""

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
        id: Id in MLflow.
        name: Name of the model it makes, or of the sweep and its trial.
        state: "running", "stopped" (by somebody, or killed, or its machine went down; it can be resumed), "failed" or
            "finished".
        started: Time of its first start.
        folder: Run folder with checkpoints, curves and plan, on the machine `host`.
        host: Name of the machine that it runs on.
        parent: Id of the sweep that it is a trial of, or "".
        settings: MLflow's parameters: recipe, seed, precision and the recipe's settings, as text.
        figures: The latest value of each curve, and the figures of the Report as `public_test/accuracy` and so on.
        tags: All other facts: dataset, git commit, backend, command.
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
    """Find where runs are kept: the address in `MLFLOW_TRACKING_URI`, else `runs/mlflow.db`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(RUNS / 'mlflow.db').resolve().as_posix()}"


def load_mlflow() -> Any:
    """Import MLflow, which takes seconds the first time."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import mlflow

    return mlflow


def connect() -> tuple[Any, str]:
    """Make MLflow's client, and the experiment on the first call.

    Returns:
        The client and the id of the experiment.

    Raises:
        Exception: MLflow's own, of any kind, where its database or server cannot be used.
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
    """Log figures (name, value, step), settings and tags of a run at once."""
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
    """List all runs, the newest first, each with its true state; [] before the first one.

    A process that was killed leaves its run "RUNNING" in MLflow. Its state is derived instead: the process holds a
    lock in the run's folder, which the operating system releases however the process ends. A run of another machine
    counts as running while its last heartbeat is younger than an hour.

    Raises:
        Exception: MLflow's own, of any kind, where its database or server cannot be used.
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
    """Tell, without importing MLflow, whether nothing was ever logged on this machine."""
    uri = tracking_uri()
    return uri.startswith("sqlite:") and not Path(uri.removeprefix("sqlite:///")).exists()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a run's folder while this process works on it; a folder that stays empty is removed afterwards.

    Raises:
        TrainingError: Another process has locked the folder, or the folder cannot be written.
    """
    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=3)  # listing the runs takes the lock for a moment
    except Timeout:
        raise TrainingError(f"{folder}: a training is at work here; wait for it or give another --run") from None
    except OSError as error:
        raise TrainingError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from None
    try:
        yield
    finally:
        with suppress(OSError):
            if [path.name for path in folder.iterdir()] == [_LOCK]:
                (folder / _LOCK).unlink()  # while it is held, so that a process that waits for it notices
        lock.release()
        with suppress(OSError):
            folder.rmdir()  # if it is empty


def is_held(folder: Path) -> bool:
    """Tell whether a process of this machine is at work in a run's folder."""
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
    """Read the id in MLflow of the run in a folder; "" where the folder does not say."""
    try:
        return json.loads((folder / ID_FILE).read_text(encoding="utf-8"))["run_id"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def has_folder(run: Run) -> bool:
    """Tell whether a run's folder lies on this machine and no other run has begun in it since."""
    return id_of(run.folder) == run.id


def curves(run: Run) -> list[dict[str, float]]:
    """Read the curves of a run, a row for each epoch: from its folder if it is here, which is quick, else from MLflow.

    Raises:
        Exception: MLflow's own, of any kind, where its database or server cannot be used.
    """
    if has_folder(run):
        return [{name: float(text) for name, text in row.items() if text} for row in read_history(run.folder)]
    client, _ = connect()
    rows: dict[int, dict[str, float]] = {}
    for name in CURVES:
        for point in client.get_metric_history(run.id, name):
            rows.setdefault(point.step, {"epoch": float(point.step)})[name] = point.value
    return [rows[epoch] for epoch in sorted(rows)]


def best_accuracy(run: Run) -> float | None:
    """Find the accuracy of a run's best epoch on PublicTest without copies.

    Where the run's folder is not here it is that of the latest epoch; before the first epoch it is None.
    """
    if has_folder(run) and (rows := read_history(run.folder)):
        return max(float(row["val_accuracy"]) for row in rows)
    return run.figures.get("val_accuracy")


def differences(compared: Sequence[Run]) -> dict[str, list[str]]:
    """Find the settings, and the dataset, in which runs differ.

    Returns:
        By name, a value for each run; "" for a run without such a setting.
    """
    told: list[Mapping[str, str]] = [
        {"dataset": run.tags.get("mien.dataset.name", ""), **run.settings, "from": run.tags.get("mien.from", "")}
        for run in compared
    ]
    names = dict.fromkeys(name for settings in told for name in settings)
    values = {name: [settings.get(name, "") for settings in told] for name in names}
    return {name: each for name, each in values.items() if len(set(each)) > 1}


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
        return {"FINISHED": "finished", "FAILED": "failed"}.get(status, "stopped")
    if tags.get(HOST) == platform.node() and FOLDER in tags:
        folder = Path(tags[FOLDER])  # another run may have begun in it since
        return "running" if id_of(folder) == run and is_held(folder) else "stopped"
    try:
        silence = datetime.now(UTC) - datetime.fromisoformat(tags[HEARTBEAT])
    except (KeyError, ValueError, TypeError):
        return "stopped"
    return "running" if silence < _SILENCE else "stopped"
