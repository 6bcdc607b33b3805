"""Runs beside each other: their curves, their best epochs, and what was set otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from training.runs import mlflow_runs
from training.runs.folder import read_history
from training.runs.mlflow_runs import Run

CURVES = ("loss", "val_loss", "val_accuracy")


def curves(run: Run) -> list[dict[str, float]]:
    """A row for each epoch, with those of `CURVES` that the recipe has.

    From the run's folder where it lies here, which is quick, else from MLflow.

    Raises:
        Exception: whatever MLflow raises where its database or server cannot be used.
    """
    if has_folder(run):
        return [{name: float(text) for name, text in row.items() if text} for row in read_history(run.folder)]
    client, _ = mlflow_runs.connect()
    rows: dict[int, dict[str, float]] = {}
    for name in CURVES:
        for point in client.get_metric_history(run.id, name):
            rows.setdefault(point.step, {"epoch": float(point.step)})[name] = point.value
    return [rows[epoch] for epoch in sorted(rows)]


def best_accuracy(run: Run) -> float | None:
    """Of its best epoch, on PublicTest without copies; of its latest where its folder is not here; None before it."""
    if has_folder(run) and (rows := read_history(run.folder)):
        return max(float(row["val_accuracy"]) for row in rows)
    return run.figures.get("val_accuracy")


def has_folder(run: Run) -> bool:
    """Whether its folder lies here and no other run has begun in it since."""
    return mlflow_runs.id_of(run.folder) == run.id


def differences(compared: Sequence[Run]) -> dict[str, list[str]]:
    """The settings, and the dataset, in which runs differ: a value for each run, "" where it has no such setting."""
    told: list[Mapping[str, str]] = [
        {"dataset": run.tags.get("mien.dataset.name", ""), **run.settings, "from": run.tags.get("mien.from", "")}
        for run in compared
    ]
    names = dict.fromkeys(name for settings in told for name in settings)
    values = {name: [settings.get(name, "") for settings in told] for name in names}
    return {name: each for name, each in values.items() if len(set(each)) > 1}
