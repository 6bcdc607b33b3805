"""RunLog: writes one training to MLflow; a training never fails because its log cannot be written."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from numbers import Real
from pathlib import Path
from typing import Any

from core.runtime.files import write_whole
from training.runs import mlflow_runs

_ROOT = Path(__file__).resolve().parents[2]


class RunLog:
    """A run in MLflow, as a context manager; a folder that is continued continues its run.

    Where MLflow's database or server fails, one sentence says so, and the rest is not logged.

    Args:
        folder: The run folder, locked by `mlflow_runs.locked`; it keeps the id of the run.
        name: Name of the run.
        settings: Recipe, seed, precision and the recipe's settings, which never change in a run.
        tags: All other facts.
        parent: Log of the sweep that the run is a trial of.
        say: Receives the sentence.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        settings: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
        parent: RunLog | None = None,
        say: Callable[[str], None] = print,
    ):
        self.folder, self.name, self.parent, self.id = folder, name, parent, ""
        self.is_over = True  # if False, the run ends as stopped
        self._settings, self._tags, self._say = settings, dict(tags or {}), say
        self._client: Any = None
        self._known: set[int] = set()  # epochs that MLflow has

    def __enter__(self) -> RunLog:
        self._try(self._open)
        return self

    def __exit__(self, kind, error, trace) -> None:
        status = "FINISHED" if self.is_over else "KILLED"
        if kind is not None:
            status = "FAILED" if issubclass(kind, Exception) else "KILLED"
        self._do(lambda: self._client.set_terminated(self.id, status))

    def epochs(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Log the rows of the curves, one for each epoch as in `history.csv`, that MLflow does not have yet."""
        fresh = [row for row in rows if int(row["epoch"]) not in self._known]
        self._known |= {int(row["epoch"]) for row in fresh}
        points = [
            (name, float(value), int(row["epoch"]))
            for row in fresh
            for name, value in row.items()
            if name != "epoch" and _is_number(value)
        ]
        beat = {mlflow_runs.HEARTBEAT: datetime.now(UTC).isoformat()}
        self._do(lambda: mlflow_runs.write(self._client, self.id, points[:900], tags=beat))
        if points[900:]:  # MLflow takes a thousand at a time
            self._do(lambda: mlflow_runs.write(self._client, self.id, points[900:]))

    def figures(self, prefix: str, report: Mapping[str, Any]) -> None:
        """Log a Report: its numbers under names such as `prefix/accuracy`, and all of it as `prefix.json`."""
        points = [(f"{prefix}/{name}", value, 0) for name, value in _flat(report)]
        self._do(lambda: mlflow_runs.write(self._client, self.id, points))
        self._do(lambda: self._client.log_dict(self.id, dict(report), f"{prefix}.json"))

    def model(self, folder: Path) -> None:
        """Store a model folder with the run."""
        self._do(lambda: self._client.log_artifacts(self.id, str(folder), "model"))

    def tag(self, **tags: str) -> None:
        """Add facts that became known during the run, as tags `mien.NAME`."""
        self._do(
            lambda: mlflow_runs.write(self._client, self.id, tags={f"mien.{name}": text for name, text in tags.items()})
        )

    def _open(self) -> None:
        client, experiment = mlflow_runs.connect()
        tags = (
            self._tags
            | git_state()
            | {mlflow_runs.FOLDER: str(self.folder.resolve()), mlflow_runs.HOST: platform.node()}
        )
        tags |= {mlflow_runs.PROCESS: str(os.getpid()), mlflow_runs.HEARTBEAT: datetime.now(UTC).isoformat()}
        if self.parent and self.parent.id:
            tags["mlflow.parentRunId"] = self.parent.id
        self.id = self._earlier(client)
        if self.id:
            client.update_run(self.id, status="RUNNING")
            self._known = {point.step for point in client.get_metric_history(self.id, "val_accuracy")}
        else:
            self.id = client.create_run(experiment, run_name=self.name).info.run_id
            told = {"tracking_uri": mlflow_runs.tracking_uri(), "run_id": self.id}
            write_whole(self.folder / mlflow_runs.ID_FILE, json.dumps(told, indent=2) + "\n")
        mlflow_runs.write(client, self.id, settings=self._settings, tags=tags)
        self._client = client

    def _earlier(self, client: Any) -> str:
        """Find the id of the run that this folder began, if this MLflow has it; else ""."""
        try:
            known = json.loads((self.folder / mlflow_runs.ID_FILE).read_text(encoding="utf-8"))
            if known["tracking_uri"] != mlflow_runs.tracking_uri():
                return ""
            run = client.get_run(known["run_id"])
        except Exception:  # no such file, damaged, or deleted there; if MLflow is down, the next call to it says so
            return ""
        same = all(run.data.params.get(name, str(value)) == str(value) for name, value in self._settings.items())
        return known["run_id"] if run.info.lifecycle_stage == "active" and same else ""

    def _do(self, action: Callable[[], Any]) -> None:
        if self._client is not None:
            self._try(action)

    def _try(self, action: Callable[[], Any]) -> None:
        try:
            action()
        except Exception as error:  # MLflow, its server, its database, the disk: nothing here may end a training
            self._client = None
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            self._say(
                f"warning: MLflow at {mlflow_runs.tracking_uri()} cannot be written ({reason:.200}); the run continues "
                f"and is kept in {self.folder}; give the same command again to log it"
            )


def git_state() -> dict[str, str]:
    """Find the commit of this code, and whether files differ from it; empty outside a checkout."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(_ROOT), *arguments], capture_output=True, text=True, check=True, timeout=20
        ).stdout.strip()

    try:
        commit = git("rev-parse", "HEAD")
        return {"mlflow.source.git.commit": commit, "mien.git_dirty": str(bool(git("status", "--porcelain"))).lower()}
    except (OSError, subprocess.SubprocessError):
        return {}


def _flat(value: Any, name: str = "") -> list[tuple[str, float]]:
    """List the single numbers of nested mappings; lists (intervals, the confusion matrix) are in the JSON file only."""
    if isinstance(value, Mapping):
        return [item for key, part in value.items() for item in _flat(part, f"{name}/{key}" if name else str(key))]
    return [(name, float(value))] if isinstance(value, Real) and not isinstance(value, bool) else []


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
