"""The command line as a user meets it: mistakes are one sentence, and help tells what a command is for."""

import subprocess
import sys
from pathlib import Path

import pytest

from training.commands import main as command_line


@pytest.fixture
def training(tmp_path, monkeypatch, capsys):
    """Run the command line in an empty folder; returns the exit code and what came on stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["training", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            command_line.main()
        return stopped.value.code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nope", "--data", "d"], "unknown recipe 'nope'"),
        (["train", "quick", "--data", "nowhere.parquet"], "no such file"),
        (["train", "quick", "--data", "d", "--set", "epochs=x"], "not a whole number"),
        (["train", "quick", "--data", "d", "--preset", "nope"], "no such preset"),
        (["train", "quick", "--data", "d", "--from", "nope"], "no model named 'nope'"),
        (["train", "quick", "--data", "d", "--quantize", "int4"], "float16 or int8"),
        (["train", "quick", "--data", "d", "--weights", "none"], "'quick' has no part that begins with pretrained"),
        (["train", "quick", "--data", "d", "--embedder", "mien"], "'quick' reads no embedding"),
        (["train", "transfer-vgg16", "--data", "d", "--adopt", "r", "--weights", "none"], "leave out one"),
        (["train", "transfer-vgg16", "--data", "d", "--set", "thaw=fc1"], "block4_conv1, block5_conv1"),
        (["train", "quick", "--data", "d", "--name", "../x"], "plain name"),
        (["train", "quick", "--data", "d", "--adopt", "nowhere"], "no fit.json"),
        (["train", "quick", "--data", "d", "--adopt", "r", "--set", "epochs=2"], "leave out one"),
        (["sweep", "quick", "--data", "d", "--set", "epochs=1,x"], "not a whole number"),
        (["evaluate", "nope", "--data", "d"], "no model named 'nope'"),
        (["evaluate", "nope", "--data", "d", "--split", "test"], "--split test: unknown"),
        (["compare"], "--data: missing"),
        (["compare", "--data", "d", "--write", "r.md"], "give --split private-test"),
        (["compare", "nope", "--split", "private-test"], "'nope' has not been measured"),
        (["compare", "--split", "private-test"], "docs/reports is empty"),
        (["extract", "nope", "--data", "d", "--out", "o"], "no feature named 'nope'"),
        (["extract", "mesh", "--data", "d", "--out", "o", "--embedder", "mien"], "not for 'mesh'"),
        (["extract", "pixels", "--data", "d", "--out", "o", "--splits", "test"], "--splits test: unknown"),
        (["pack", "--data", "d", "--out", "o", "--feature", "nope"], "--feature nope: unknown"),
        (["pack", "--data", "d", "--out", "o", "--splits", "training,private-test"], "give training,public"),
        (["import", "nowhere.csv", "--out", "o.parquet"], "no such file"),
    ],
)
def test_mistakes_are_one_sentence(training, tmp_path, arguments, words):
    code, _, errors = training(*arguments)
    assert code == 2
    assert words in errors
    assert errors.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command", [command.name or command.callback.__name__ for command in command_line.app.registered_commands]
)
def test_every_command_says_what_it_is_for(training, command):
    code, told, _ = training(command.replace("_", "-"), "--help")
    assert code == 0
    assert len(told) > 300


def test_python_m_training_lists_the_commands(tmp_path):
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run([sys.executable, "-m", "training", "--help"], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0
    assert "check-photographs" in run.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["import", "a.csv", "--out", "a.csv"],
        ["import", "b.csv", "--ferplus", "a.csv", "--out", "a.csv"],
        ["audit", "a.csv", "--out", "a.csv"],
        ["audit", "a.csv", "--clean", "a.csv"],
        ["clean", "--data", "b.csv", "--list", "a.csv", "--out", "a.csv"],
        ["extract", "pixels", "--data", "a.csv", "--out", "a.csv"],
    ],
)
def test_what_is_read_is_never_written_over(training, tmp_path, command):
    (tmp_path / "a.csv").write_text("kept")
    code, _, stderr = training(*command)
    assert (code, stderr) == (
        2,
        "error: a.csv: is one of the files to read and would be replaced; choose another name\n",
    )
    assert (tmp_path / "a.csv").read_text() == "kept"
