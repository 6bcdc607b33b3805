import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from training.runs import mlflow_runs
from training.runs.compare import best_accuracy, curves, differences
from training.runs.folder import write_history
from training.runs.log import RunLog
from training.runs.mlflow_runs import Run

ROWS = [
    {"epoch": 1, "loss": 2.0, "val_accuracy": 0.5, "seconds": 1.5},
    {"epoch": 2, "loss": 1.0, "val_accuracy": 0.4, "seconds": 1.5},
]


@pytest.fixture
def run(tmp_path):
    """A run whose folder lies here."""
    (tmp_path / mlflow_runs.ID_FILE).write_text(json.dumps({"run_id": "1"}))
    write_history(tmp_path, ROWS)
    told = {"recipe": "quick", "epochs": "2"}
    return Run("1", "one", "finished", datetime.now(UTC), tmp_path, "", "", told, {"val_accuracy": 0.4}, {})


def test_the_curves_and_the_best_epoch_of_a_folder(run):
    assert [row["loss"] for row in curves(run)] == [2.0, 1.0]
    assert best_accuracy(run) == 0.5


def test_the_curves_of_a_folder_are_those_of_the_run_that_has_it_now(run):
    assert best_accuracy(replace(run, id="2")) == 0.4  # the latest that MLflow knows


def test_what_was_set_otherwise(run):
    other = replace(run, settings={"recipe": "quick", "epochs": "3", "width": "8"}, tags={"mien.from": "quick"})
    assert differences([run, other]) == {"epochs": ["2", "3"], "width": ["", "8"], "from": ["", "quick"]}
    assert differences([run, run]) == {}


def test_the_curves_of_a_run_whose_folder_is_gone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = Path("runs/gone")
    with mlflow_runs.locked(folder), RunLog(folder, "gone", {"recipe": "quick"}) as log:
        log.epochs(ROWS)
        with mlflow_runs.locked(Path("runs/other")), RunLog(Path("runs/other"), "other", {}):
            (Path("runs/other") / "fit.json").write_text("{}")
            states = {run.name: run.state for run in mlflow_runs.list_runs()}
            assert states == {"gone": "running", "other": "running"}
    (folder / mlflow_runs.ID_FILE).unlink()
    (gone,) = [run for run in mlflow_runs.list_runs() if run.name == "gone"]
    assert [(row["epoch"], row["val_accuracy"]) for row in curves(gone)] == [(1, 0.5), (2, 0.4)]
