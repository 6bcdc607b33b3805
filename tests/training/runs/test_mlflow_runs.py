"""Runs as they are written to MLflow and read back; no TensorFlow is needed for that."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from training.errors import TrainingError
from training.runs import mlflow_runs
from training.runs.folder import write_history
from training.runs.log import RunLog
from training.runs.mlflow_runs import Run, best_accuracy, curves, differences

ROOT = Path(__file__).resolve().parents[3]
ROWS = [
    {"epoch": "1", "loss": "2.0", "val_accuracy": "0.2", "seconds": "1.5"},
    {"epoch": "2", "loss": "1.0", "val_accuracy": "0.4", "seconds": "1.5"},
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with runs in it: making MLflow's database takes a second or two, so it is made once."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture(autouse=True)
def _here(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def log(name, settings=None, **options):
    return RunLog(Path("runs") / name, name, settings or {"recipe": "quick", "epochs": 2}, **options)


def test_a_run_is_read_back_with_mlflows_own_client(tmp_path):
    (tmp_path / "card.json").write_text("{}")
    folder = Path("runs/whole")
    report = {
        "accuracy": 0.5,
        "f1": {"happy": 0.7},
        "confusion": [[1, 2]],
        "split": "public-test",
        "unsure_at_90": None,
    }
    with mlflow_runs.locked(folder), log("whole", tags={"mien.dataset.hash": "abc"}) as run:
        run.epochs(ROWS[:1])
        run.epochs(ROWS)  # the first is known
        run.figures("public_test", report)
        run.tag(backend="tensorflow")
        run.model(tmp_path)
        assert next(each for each in mlflow_runs.list_runs() if each.name == "whole").state == "running"

    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{Path('runs/mlflow.db').resolve()}")
    (found,) = client.search_runs(
        [client.get_experiment_by_name("mien").experiment_id], "attributes.run_name = 'whole'"
    )
    assert found.info.status == "FINISHED"
    assert found.data.params == {"recipe": "quick", "epochs": "2"}
    assert found.data.metrics["public_test/accuracy"] == 0.5
    assert found.data.metrics["public_test/f1/happy"] == 0.7
    assert "public_test/confusion" not in found.data.metrics
    assert found.data.tags["mien.dataset.hash"] == "abc"
    assert found.data.tags["mien.backend"] == "tensorflow"
    assert len(found.data.tags["mlflow.source.git.commit"]) == 40 or not (ROOT / ".git").exists()
    history = client.get_metric_history(found.info.run_id, "val_accuracy")
    assert [(point.step, point.value) for point in history] == [(1, 0.2), (2, 0.4)]
    assert {each.path for each in client.list_artifacts(found.info.run_id)} == {"model", "public_test.json"}
    stored = client.download_artifacts(found.info.run_id, "public_test.json", str(tmp_path))
    assert json.loads(Path(stored).read_text()) == report


def test_list_runs_gives_plain_values():
    with mlflow_runs.locked(Path("runs/plain")), log("plain") as run:
        run.epochs(ROWS)
    (found,) = [each for each in mlflow_runs.list_runs() if each.name == "plain"]
    assert found.state == "finished"
    assert found.settings["recipe"] == "quick"
    assert found.figures["val_accuracy"] == 0.4
    assert found.folder == Path("runs/plain").resolve()


def test_a_killed_run_is_stopped_and_goes_on_as_the_same_run():
    code = """
import os, signal
from pathlib import Path
from training.runs import mlflow_runs as runs
from training.runs.log import RunLog
folder = Path("runs/killed")
with runs.locked(folder), RunLog(folder, "killed", {"recipe": "quick", "epochs": 2}) as run:
    run.epochs([{"epoch": 1, "val_accuracy": 0.2}])
    print(run.id, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert process.returncode == -9, process.stderr
    (found,) = [each for each in mlflow_runs.list_runs() if each.name == "killed"]
    assert found.state == "stopped"
    assert found.id == process.stdout.strip()
    with mlflow_runs.locked(Path("runs/killed")), log("killed") as run:
        assert run.id == found.id
        run.epochs(ROWS)
    (found,) = [each for each in mlflow_runs.list_runs() if each.name == "killed"]
    assert found.state == "finished"
    from mlflow import MlflowClient

    history = MlflowClient(mlflow_runs.tracking_uri()).get_metric_history(found.id, "val_accuracy")
    assert [point.step for point in history] == [1, 2]


@pytest.mark.parametrize(
    ("error", "state"), [(TrainingError("no"), "failed"), (KeyboardInterrupt(), "stopped"), (None, "stopped")]
)
def test_what_ends_a_run_shows_in_its_state(error, state):
    def end():
        with log("ended") as run:
            run.is_over = False
            if error:
                raise error

    Path("runs/ended").mkdir(exist_ok=True)
    if error:
        with pytest.raises(type(error)):
            end()
    else:
        end()
    assert next(each for each in mlflow_runs.list_runs() if each.name == "ended").state == state


def test_other_settings_are_another_run():
    with mlflow_runs.locked(Path("runs/again")), log("again") as first:
        pass
    with mlflow_runs.locked(Path("runs/again")), log("again", {"recipe": "quick", "epochs": 3}) as second:
        pass
    assert first.id != second.id


def test_a_server_that_is_down_costs_one_sentence_and_nothing_else(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    said = []
    with mlflow_runs.locked(Path("runs/down")), log("down", say=said.append) as run:
        run.epochs(ROWS)
        run.figures("public_test", {"accuracy": 0.5})
    (line,) = said
    assert line.startswith("warning: MLflow at http://127.0.0.1:9")
    assert "same command again" in line


def test_two_trainings_do_not_share_a_folder():
    folder = Path("runs/shared")
    with mlflow_runs.locked(folder):
        assert mlflow_runs.is_held(folder)
        with pytest.raises(TrainingError, match="at work"), mlflow_runs.locked(folder):
            pass
    assert not mlflow_runs.is_held(folder)
    assert not folder.exists()  # nothing came of it


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="cannot be written"), mlflow_runs.locked(tmp_path / "file" / "run"):
        pass


def test_before_the_first_run_there_is_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert mlflow_runs.list_runs() == []
    assert not list(tmp_path.iterdir())


def test_a_run_whose_folder_another_one_has_taken_over_no_longer_runs():
    code = """
import os, signal
from pathlib import Path
from training.runs import mlflow_runs as runs
from training.runs.log import RunLog
with runs.locked(Path("runs/taken")), RunLog(Path("runs/taken"), "first", {"epochs": 2}):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT)})
    with mlflow_runs.locked(Path("runs/taken")), RunLog(Path("runs/taken"), "second", {"epochs": 3}):
        states = {run.name: run.state for run in mlflow_runs.list_runs()}
    assert (states["first"], states["second"]) == ("stopped", "running")


@pytest.fixture
def here(tmp_path):
    """A run whose folder lies here."""
    (tmp_path / mlflow_runs.ID_FILE).write_text(json.dumps({"run_id": "1"}))
    write_history(tmp_path, ROWS)
    told = {"recipe": "quick", "epochs": "2"}
    return Run("1", "one", "finished", datetime.now(UTC), tmp_path, "", "", told, {"val_accuracy": 0.3}, {})


def test_the_curves_and_the_best_epoch_of_a_folder(here):
    assert [row["loss"] for row in curves(here)] == [2.0, 1.0]
    assert best_accuracy(here) == 0.4


def test_the_curves_of_a_folder_are_those_of_the_run_that_has_it_now(here):
    assert best_accuracy(replace(here, id="2")) == 0.3  # the latest that MLflow knows


def test_what_was_set_otherwise(here):
    other = replace(here, settings={"recipe": "quick", "epochs": "3", "width": "8"}, tags={"mien.from": "quick"})
    assert differences([here, other]) == {"epochs": ["2", "3"], "width": ["", "8"], "from": ["", "quick"]}
    assert differences([here, here]) == {}


def test_the_curves_of_a_run_whose_folder_is_gone():
    folder = Path("runs/gone")
    with mlflow_runs.locked(folder), RunLog(folder, "gone", {"recipe": "quick"}) as log:
        log.epochs(ROWS)
        with mlflow_runs.locked(Path("runs/other")), RunLog(Path("runs/other"), "other", {}):
            (Path("runs/other") / "fit.json").write_text("{}")
            states = {run.name: run.state for run in mlflow_runs.list_runs()}
            assert (states["gone"], states["other"]) == ("running", "running")
    (folder / mlflow_runs.ID_FILE).unlink()
    (gone,) = [run for run in mlflow_runs.list_runs() if run.name == "gone"]
    assert [(row["epoch"], row["val_accuracy"]) for row in curves(gone)] == [(1, 0.2), (2, 0.4)]
