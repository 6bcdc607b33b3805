"""The command line as a user meets it; TensorFlow runs in processes of its own and never shares one with the app."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def training(*arguments, models, cwd):
    return subprocess.run(
        [sys.executable, "-m", "training", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | {"MIEN_MODELS": str(models), "PYTHONPATH": str(Path.cwd())},
    )


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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nope", "--data", "d"], "unknown recipe 'nope'"),
        (["train", "quick", "--data", "nowhere.parquet"], "no such file"),
        (["train", "quick", "--data", "d", "--set", "epochs=x"], "not a int"),
        (["evaluate", "nope", "--data", "d"], "no model named 'nope'"),
        (["import", "nowhere.csv", "--out", "o.parquet"], "no such file"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, arguments, words):
    run = training(*arguments, models=tmp_path, cwd=tmp_path)
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stderr.count("\n") == 1


def test_votes_of_another_dataset_are_refused(tmp_path, fer2013_csv, ferplus_csv):
    short = tmp_path / "short.csv"
    short.write_text("\n".join(ferplus_csv.read_text().splitlines()[:50]) + "\n")
    run = training("import", fer2013_csv, "--ferplus", short, "--out", "d.parquet", models=tmp_path, cwd=tmp_path)
    assert run.returncode == 2
    assert "belong together" in run.stderr
    assert not (tmp_path / "d.parquet").exists()


@pytest.mark.parametrize("command", ["import", "train", "evaluate"])
def test_help_says_what_a_command_is_for(tmp_path, command):
    run = training(command, "--help", models=tmp_path, cwd=tmp_path)
    assert run.returncode == 0
    assert len(run.stdout) > 300
