"""A full disk: one sentence, nothing half-written under its name, and the same command ends right with more room."""

import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]


def refused(run):
    """It says in one sentence that the disk is full."""
    assert run.returncode == 2, run.stderr
    assert "Traceback" not in run.stderr, run.stderr
    assert run.stderr.count("error: ") == 1, run.stderr
    assert "No space left on device" in run.stderr or "File too large" in run.stderr, run.stderr


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


@pytest.fixture
def without_and_with_room(command, little_room):
    """Give a command in a folder that is too small, look, and give it again with room: `(size, words, look)`."""

    def give(size, words, look, **options):
        room = little_room(size)
        arguments = [str(word).replace("ROOM", str(room.folder)) for word in words]
        refused(command(*arguments, preexec_fn=room.preexec_fn, **options))
        look(room.folder)
        room.make_more()
        run = command(*arguments, **options)
        assert run.returncode == 0, run.stderr
        return room.folder

    return give


def nothing(folder):
    assert visible(folder) == []


def test_import(without_and_with_room, pictures_csv):
    folder = without_and_with_room(
        1_000_000, ("training", "import", pictures_csv, "--out", "ROOM/data.parquet"), nothing
    )
    assert pq.read_metadata(folder / "data.parquet").num_rows == 3500


def test_extract(without_and_with_room, cartoons):
    words = ("training", "extract", "pixels", "--data", cartoons, "--jobs", "1", "--out", "ROOM/pixels.parquet")

    def only_parts(folder):
        assert not (folder / "pixels.parquet").exists()

    folder = without_and_with_room(50_000, words, only_parts)
    assert len(pd.read_parquet(folder / "pixels.parquet")) == 140
    assert visible(folder) == ["pixels.parquet"]


@pytest.mark.slow
def test_train(without_and_with_room, command, cartoons):
    words = ("training", "train", "quick", "--data", cartoons, "--set", "epochs=2", "--set", "batch=16")

    def no_checkpoint(folder):
        assert visible(folder / "run") == ["fit.json", "mlflow.json", "run.lock"] or "history.csv" in visible(
            folder / "run"
        )
        assert not (command.home / "models").exists()

    without_and_with_room(3_000_000, (*words, "--run", "ROOM/run"), no_checkpoint)
    assert (command.home / "models" / "quick" / "card.json").exists()


@pytest.mark.slow
def test_export(without_and_with_room, command):
    shutil.copytree(ROOT / "models" / "flagship", command.home / "models" / "flagship")
    words = ("training", "export", "flagship", "--out", "ROOM/flagship.tflite")
    folder = without_and_with_room(500_000, words, nothing)
    assert visible(folder) == ["flagship.labels.json", "flagship.tflite"]


@pytest.mark.parametrize(
    "kind",
    [
        "csv",
        pytest.param("jsonl", marks=pytest.mark.slow),
        pytest.param("parquet", marks=pytest.mark.slow),
        pytest.param("xlsx", marks=pytest.mark.slow),
    ],
)
def test_the_readings_of_a_video(kind, without_and_with_room, film, detector):
    words = ("core", "video", film, "--out", f"ROOM/faces.{kind}")

    def only_what_was_read(folder):
        if kind in ("parquet", "xlsx"):
            assert not (folder / f"faces.{kind}").exists()
            shutil.rmtree(folder / f"faces.{kind}.parts")

    folder = without_and_with_room(12_288, words, only_what_was_read, more={"MIEN_MODELS": str(ROOT / "models")})
    beside = [f"faces.{kind}.provenance.json"] if kind in ("csv", "jsonl") else []
    assert visible(folder) == [f"faces.{kind}", *beside]


def test_the_marked_video(without_and_with_room, film, detector):
    words = ("core", "video", film, "--annotate", "ROOM/marked.mp4")
    without_and_with_room(20_000, words, nothing, more={"MIEN_MODELS": str(ROOT / "models")})


def only_whole_rows(folder):
    assert {*visible(folder)} <= {"faces.csv", "faces.csv.provenance.json"}
    for table in folder.glob("faces.csv"):
        lines = table.read_bytes().split(b"\n")
        assert lines[-1] == b""
        assert {line.count(b",") for line in lines[:-1]} == {lines[0].count(b",")}


def test_the_table_of_pictures(without_and_with_room, detector, portraits):
    words = ("core", "read", portraits, "--search", "quick", "--out", "ROOM/faces.csv")
    folder = without_and_with_room(8192, words, only_whole_rows, more={"MIEN_MODELS": str(ROOT / "models")})
    assert len(pd.read_csv(folder / "faces.csv")) == 60


def test_the_marked_pictures(without_and_with_room, detector, portraits):
    words = ("core", "read", next(portraits.iterdir()), "--search", "quick", "--save", "ROOM/marked")

    def no_half_picture(folder):
        assert not list((folder / "marked").glob("*.png"))

    without_and_with_room(8192, words, no_half_picture, more={"MIEN_MODELS": str(ROOT / "models")})
