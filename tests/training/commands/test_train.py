"""`train` and `evaluate` as a user meets them, each in a process of its own, as TensorFlow is."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


def started(*arguments, models, cwd):
    environment = {key: text for key, text in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    return subprocess.Popen(
        [sys.executable, "-m", "training", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment | {"MIEN_MODELS": str(models), "PYTHONPATH": str(ROOT)},
    )


def training(*arguments, models, cwd):
    process = started(*arguments, models=models, cwd=cwd)
    out, err = process.communicate()
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def card_of(workshop, name):
    return json.loads((workshop["folder"] / "models" / name / "card.json").read_text())


def runs_named(workshop, name):
    """Runs as MLflow has them, with their derived state, from a process whose folder is the workshop's."""
    code = "import json, sys\nfrom training.runs.mlflow_runs import list_runs\n"
    code += "found = [run for run in list_runs() if run.name == sys.argv[1]]\n"
    code += "print(json.dumps([[run.id, run.state, dict(run.figures), dict(run.tags)] for run in found]))"
    environment = {key: text for key, text in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    run = subprocess.run(
        [sys.executable, "-c", code, name],
        capture_output=True,
        text=True,
        cwd=workshop["folder"],
        env=environment | {"PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory, fer2013_csv, ferplus_csv):
    """A folder in which the made-up FER2013 was imported and `quick` trained on it for two epochs."""
    folder = tmp_path_factory.mktemp("workshop")
    models = folder / "models"
    data = folder / "data.parquet"

    def run(*arguments):
        return training(*arguments, models=models, cwd=folder)

    imported = run("import", fer2013_csv, "--ferplus", ferplus_csv, "--out", data)
    train = ("train", "quick", "--data", data, "--set", "epochs=2", "--set", "batch=32")
    return {"run": run, "data": data, "folder": folder, "imported": imported, "command": train, "trained": run(*train)}


def test_import_says_how_many(workshop):
    assert workshop["imported"].returncode == 0, workshop["imported"].stderr
    assert "210 images" in workshop["imported"].stdout


def test_train_installs_a_model_with_a_whole_card(workshop):
    assert workshop["trained"].returncode == 0, workshop["trained"].stderr
    card = json.loads((workshop["folder"] / "models" / "quick" / "card.json").read_text())
    assert card["recipe"] == "quick"
    assert card["metrics"]["public_test"]["n"] == 35
    assert "private_test" not in card["metrics"]
    assert card["settings"]["epochs"] == 2
    assert card["versions"]["keras"]
    assert card["data"]["fit"]["epochs"] == 2
    assert "evaluate quick" in workshop["trained"].stdout.splitlines()[-1]


def test_a_training_is_a_run_in_mlflow(workshop):
    ((_, state, figures, tags),) = runs_named(workshop, "quick")
    assert state == "finished"
    assert figures["public_test/accuracy"] == card_of(workshop, "quick")["metrics"]["public_test"]["accuracy"]
    assert {"loss", "val_loss", "val_accuracy", "seconds"} <= set(figures)
    assert tags["mien.dataset.hash"] == card_of(workshop, "quick")["data"]["hash"]
    assert tags["mien.backend"] == "tensorflow"


def test_a_killed_training_goes_on_and_is_brought_home(workshop):
    """Killed at the end of its first epoch; the same command finishes it; its folder is installed once more."""
    command = (*workshop["command"], "--name", "killed")
    folder = workshop["folder"]
    process = started(*command, models=folder / "models", cwd=folder)
    while process.poll() is None and not (folder / "runs" / "killed" / "history.csv").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, process.stderr.read()
    process.communicate()
    assert not (folder / "models" / "killed").exists()
    ((first, state, _, _),) = runs_named(workshop, "killed")
    assert state == "stopped"
    resumed = workshop["run"](*command)
    assert resumed.returncode == 0, resumed.stderr
    ((second, state, figures, _),) = runs_named(workshop, "killed")
    assert (second, state) == (first, "finished")
    assert "val_accuracy" in figures
    home = workshop["run"](
        "train", "quick", "--data", workshop["data"], "--adopt", folder / "runs" / "killed", "--name", "home"
    )
    assert home.returncode == 0, home.stderr
    theirs, ours = card_of(workshop, "killed"), card_of(workshop, "home")
    assert ours["known_answer"] == theirs["known_answer"]
    assert ours["outputs"] == theirs["outputs"]
    assert ours["metrics"]["public_test"] == theirs["metrics"]["public_test"]
    assert ours["data"]["adopted"] == "killed"


def test_a_model_can_be_trained_on(workshop):
    tuned = workshop["run"](
        "train", "quick", "--data", workshop["data"], "--from", "quick", "--name", "tuned", "--minutes", "0",
        "--set", "epochs=9", "--set", "batch=32", "--set", "learning_rate=0.00001",
    )  # fmt: skip
    assert tuned.returncode == 0, tuned.stderr
    assert "1 of 9 epochs" in tuned.stdout
    assert card_of(workshop, "tuned")["data"]["from"] == "quick"
    ((_, state, _, tags),) = runs_named(workshop, "tuned")
    assert state == "stopped"
    assert tags["mien.from"] == "quick"


def test_a_finished_run_is_not_trained_again(workshop):
    again = workshop["run"](*workshop["command"])
    assert again.returncode == 0, again.stderr
    assert "epoch 2" not in again.stdout
    with (workshop["folder"] / "runs" / "quick" / "history.csv").open() as lines:
        assert [row["epoch"] for row in csv.DictReader(lines)] == ["1", "2"]


def test_a_run_folder_is_not_shared_by_two_different_trainings(workshop):
    other = workshop["run"](*workshop["command"], "--seed", "7")
    assert other.returncode == 2
    assert "other settings" in other.stderr


def test_final_writes_card_and_ledger_once(workshop):
    for _ in range(2):
        run = workshop["run"](
            "evaluate", "quick", "--data", workshop["data"], "--split", "private-test", "--json", "--final"
        )
        assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    card = json.loads((workshop["folder"] / "models" / "quick" / "card.json").read_text())
    assert card["metrics"]["private_test"] == report
    with (workshop["folder"] / "docs" / "ledger.csv").open() as lines:
        (row,) = csv.DictReader(lines)
    assert float(row["accuracy"]) == report["accuracy"]
