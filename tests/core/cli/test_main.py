import csv
import errno
import json
import subprocess
import sys
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut
from typer.testing import CliRunner

from core.cli.main import app
from core.cli.main import run as run_commands
from core.errors import MienError, SinkError

pytestmark = pytest.mark.usefixtures("detector")


def core(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "core", *map(str, arguments)], capture_output=True, text=True, **options
    )


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """A folder with one face, one without, a file that is no picture, and notes that do not claim to be one."""
    folder = tmp_path_factory.mktemp("album")
    Image.fromarray(astronaut()).save(folder / "astronaut.png")
    Image.fromarray(np.full((60, 80, 3), 120, np.uint8)).save(folder / "wall.jpg")
    (folder / "text.jpg").write_text("not a picture")
    (folder / "notes.txt").write_text("not meant to be one")
    return folder


@pytest.fixture(scope="module")
def read_album(album, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    run = core("read", album, "--json", "--out", out / "faces.csv", "--save", out / "annotated")
    return run, out


def test_one_json_object_a_line_for_each_picture(read_album, album):
    run, _ = read_album
    records = {record["path"]: record for record in map(json.loads, run.stdout.splitlines())}
    assert set(records) == {str(album / "astronaut.png"), str(album / "wall.jpg")}
    (face,) = records[str(album / "astronaut.png")]["faces"]
    assert face["label"] == "happy"
    assert list(face["probabilities"]) == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert records[str(album / "wall.jpg")]["faces"] == []


def test_what_cannot_be_read_is_named_and_the_exit_code_says_so(read_album):
    run, _ = read_album
    assert run.returncode == 2
    assert "text.jpg" in run.stderr
    assert "notes.txt" not in run.stderr
    assert "Traceback" not in run.stderr


def test_the_table_and_the_annotated_pictures_are_written(read_album):
    _, out = read_album
    (row,) = csv.DictReader((out / "faces.csv").open())
    assert row["label"] == "happy"
    assert {path.name for path in (out / "annotated").iterdir()} == {"astronaut.png", "wall.png"}
    assert Image.open(out / "annotated" / "astronaut.png").size == (512, 512)


def test_a_baseline_makes_the_person_neutral_and_may_be_given_again(album):
    neutral = str(album / "astronaut.png")
    run = CliRunner().invoke(app, ["read", neutral, "--json", "--baseline", neutral, "--baseline", neutral])
    assert run.exit_code == 0
    assert json.loads(run.stdout)["faces"][0]["label"] == "neutral"


def test_stderr_is_quiet_when_all_is_well(album):
    run = core("read", album / "astronaut.png")
    assert (run.returncode, run.stderr) == (0, "")
    assert "happy" in run.stdout


def test_a_mistake_is_one_sentence_and_exit_code_2(album):
    run = core("read", album / "astronaut.png", "--model", "nope")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error: no model named 'nope'")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "/nowhere/at/all.csv"], "cannot be written"),
        (["--save", "{album}/notes.txt"], "cannot be written"),
        (["--baseline", "{album}/wall.jpg"], "wall.jpg: it shows no face"),
        (["--baseline", "nowhere.jpg"], "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_said(album, arguments, words):
    filled = [argument.format(album=album) for argument in arguments]
    run = CliRunner().invoke(app, ["read", str(album / "wall.jpg"), *filled])
    assert isinstance(run.exception, MienError)
    assert words in str(run.exception)


def test_an_option_that_makes_no_sense_is_refused(album):
    run = CliRunner().invoke(app, ["read", str(album / "wall.jpg"), "--search", "lazily"])
    assert run.exit_code == 2
    assert "lazily" in run.stderr


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SinkError("faces.ods: has no known ending"), "error: faces.ods: has no known ending\n"),
        (OSError(errno.ENOSPC, "full", "faces.csv"), "error: faces.csv: "),
    ],
)
def test_mistakes_and_a_full_disk_end_any_command_line_with_a_sentence(error, sentence, capsys):
    with pytest.raises(SystemExit) as ended:
        run_commands(Mock(side_effect=error))
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_other_errors_pass_through():
    with pytest.raises(ConnectionError):
        run_commands(Mock(side_effect=ConnectionError()))


def test_a_second_picture_of_the_same_name_does_not_replace_the_first(album, tmp_path):
    wall = str(album / "wall.jpg")
    assert CliRunner().invoke(app, ["read", wall, wall, "--save", str(tmp_path)]).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"wall.png", "wall-2.png"}
