import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage.data import astronaut
from typer.testing import CliRunner

from core.cli.main import app
from core.errors import MienError
from core.inference.installed import default_model

pytestmark = pytest.mark.usefixtures("detector")


def core(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "core", *map(str, arguments)], capture_output=True, text=True, **options
    )


def invoke(*arguments, **options):
    return CliRunner().invoke(app, ["read", *map(str, arguments)], **options)


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
    assert (face["face"], face["label"], face["unsure"]) == (1, "happy", False)
    assert records[str(album / "wall.jpg")]["made_by"]["model"] == default_model()
    assert list(face["probabilities"]) == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert records[str(album / "wall.jpg")]["faces"] == []


def test_what_cannot_be_read_is_named_and_the_exit_code_says_so(read_album, album):
    run, _ = read_album
    assert run.returncode == 2
    assert "text.jpg" in run.stderr
    assert f"{album}: 1 file passed over: notes.txt" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_table_and_the_annotated_pictures_are_written(read_album):
    _, out = read_album
    (row,) = csv.DictReader((out / "faces.csv").open())
    assert row["label"] == "happy"
    assert {path.name for path in (out / "annotated").iterdir()} == {"astronaut.png", "wall.png"}
    assert (row["unsure"], row["hints"]) == ("False", "")
    picture = Image.open(out / "annotated" / "astronaut.png")
    assert picture.size == (512, 512)
    made_by = json.loads((out / "faces.csv.provenance.json").read_text())
    assert made_by == json.loads(picture.text["mien"])
    assert (made_by["model"], made_by["search"], made_by["baseline"]) == (default_model(), "thorough", None)


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
        (["--out", "{album}"], "must end in one of"),
        (["--out", "faces.json"], "must end in one of csv, jsonl, parquet, xlsx"),
        (["--out", "{album}/wall.jpg"], "must end in one of"),
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


def test_a_second_picture_of_the_same_name_does_not_replace_the_first(album, tmp_path):
    wall = str(album / "wall.jpg")
    assert CliRunner().invoke(app, ["read", wall, wall, "--save", str(tmp_path)]).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"wall.png", "wall-2.png"}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_every_kind_of_table_is_written_in_its_own_format(kind, album, tmp_path):
    out = tmp_path / f"faces.{kind}"
    assert invoke(album / "astronaut.png", "--search", "quick", "--out", out).exit_code == 0
    beginning = {"csv": b"path,face,x", "jsonl": b'{"path": "', "parquet": b"PAR1", "xlsx": b"PK"}[kind]
    assert out.read_bytes().startswith(beginning)
    beside = [f"{out.name}.provenance.json"] if kind in ("csv", "jsonl") else []
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.name, *beside]


@pytest.mark.parametrize("link", [None, "symlink_to", "hardlink_to"])
def test_no_table_is_written_over_a_picture_or_a_baseline(link, album, tmp_path):
    """Whatever it is called: people name pictures in any way, and a link is the same file."""
    picture = tmp_path / "photo.csv"
    picture.write_bytes((album / "wall.jpg").read_bytes())
    out = picture
    if link:
        out = tmp_path / "faces.csv"
        getattr(out, link)(picture)
    for arguments in ([picture, "--out", out], [album / "wall.jpg", "--baseline", picture, "--out", out]):
        run = invoke(*arguments)
        assert isinstance(run.exception, MienError)
        assert "one of the files to read" in str(run.exception)
        assert picture.read_bytes() == (album / "wall.jpg").read_bytes()


def test_a_row_for_each_picture_on_request(album, tmp_path):
    out = tmp_path / "faces.parquet"
    assert invoke(album, "--search", "quick", "--out", out, "--every-row").exit_code == 2
    table = pd.read_parquet(out).set_index("path")
    assert table.loc[str(album / "astronaut.png"), "label"] == "happy"
    assert table.loc[str(album / "wall.jpg")].isna().all()


def test_a_folder_without_pictures_says_so_and_the_rest_is_read(album, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "film.mov").touch()
    run = invoke(tmp_path / "empty", tmp_path / "notes", album / "wall.jpg")
    assert run.exit_code == 2
    assert f"error: {tmp_path}/empty: no pictures in it\n" in run.stderr
    assert f"error: {tmp_path}/notes: no pictures in it; 1 file passed over: film.mov\n" in run.stderr
    assert "wall.jpg  80x60  0 faces" in run.stdout


def test_what_macos_adds_to_a_folder_is_no_picture(album, tmp_path):
    for name in ("._1.jpg", ".DS_Store"):
        (tmp_path / name).write_bytes(bytes(100))
    (tmp_path / "1.jfif").write_bytes((album / "wall.jpg").read_bytes())
    run = invoke(tmp_path)
    assert (run.exit_code, run.stderr) == (0, "")


def test_standard_input(album, tmp_path):
    run = invoke("-", "--save", tmp_path, input=(album / "wall.jpg").read_bytes())
    assert (run.exit_code, run.stdout) == (0, "-  80x60  0 faces\n")
    assert [path.name for path in tmp_path.iterdir()] == ["stdin.png"]


def test_a_name_that_neither_screen_nor_table_can_hold_loses_nothing(album, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    names = [os.fsdecode(b"caf\xe9.jpg"), "Мария 笑顔.jpg", "x" * 240 + ".jpg"]
    for name in names:
        (folder / name).write_bytes((album / "wall.jpg").read_bytes())
    out = tmp_path / "faces.csv"
    run = core(
        "read", folder, "--out", out, "--save", tmp_path / "out", "--every-row", "--search", "quick",
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    told = {Path(row["path"]).name for row in csv.DictReader(out.open(encoding="utf-8"))}
    assert told == {"caf\\xe9.jpg", *names[1:]}
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_ctrl_c_keeps_what_was_read(tmp_path):
    Image.fromarray(astronaut()).save(tmp_path / "1.png")
    out = tmp_path / "faces.csv"
    command = [sys.executable, "-m", "core", "read", *[tmp_path / "1.png"] * 500, "--out", out, "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        deadline = time.monotonic() + 180
        while not (out.exists() and out.read_text().count("\n") > 2) and time.monotonic() < deadline:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, stderr = run.communicate(timeout=180)
    assert (run.returncode, stderr) == (130, "stopped: what was read so far is kept\n")
    assert 2 <= len(pd.read_csv(out)) < 500


@pytest.mark.slow
def test_processes_change_nothing_but_the_time(album, tmp_path):
    pictures = [album / "astronaut.png", album / "text.jpg", album / "wall.jpg"] * 9
    told = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        arguments = ["--out", folder / "faces.csv", "--save", folder / "out", "--every-row", "--search", "quick"]
        run = core("read", *pictures, *arguments, "--jobs", jobs, "--baseline", album / "astronaut.png")
        assert run.returncode == 2
        pngs = {path.name: Image.open(path).tobytes() for path in (folder / "out").iterdir()}  # their dates differ
        told.append((run.stdout, run.stderr, (folder / "faces.csv").read_text(), pngs))
    assert told[0] == told[1]


@pytest.mark.slow
def test_a_dask_cluster_reads_the_same(album, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        run = core("read", album, "--search", "quick", "--dask", cluster.scheduler_address)
    assert run.stdout == core("read", album, "--search", "quick").stdout
    assert run.returncode == 2


def read_with_mesh(album, tmp_path):
    """What is told on stderr, and the one face of the JSON and of the table."""
    run = invoke(album / "astronaut.png", "--mesh", "--json", "--out", tmp_path / "faces.csv")
    assert run.exit_code == 0, run.output
    (face,) = json.loads(run.stdout)["faces"]
    (row,) = pd.read_csv(tmp_path / "faces.csv").to_dict("records")
    return run.stderr, face, row


def test_with_a_mesh_each_face_tells_how_it_is_turned_and_moves(album, movements, tmp_path):
    told, face, row = read_with_mesh(album, tmp_path)
    assert not told
    assert abs(row["yaw"]) < 30
    assert row["yaw"] == face["yaw"]
    assert row["mouthSmileLeft"] == face["movements"]["mouthSmileLeft"] > 0.3


def test_a_mesh_that_gives_no_movements_says_so(album, mesh, tmp_path):
    told, face, row = read_with_mesh(album, tmp_path)
    assert "gives no movements" in told
    assert row["yaw"] == face["yaw"]
    assert "movements" not in face
    assert "jawOpen" not in row
