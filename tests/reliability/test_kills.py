"""`kill -9` at random moments: what lies under its name is whole, and the same command ends right."""

import csv
import io
import json
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from core import model_store
from core.cards import Card
from core.inference import artifact
from core.runtime.files import replacing
from training.audit.clean_copy import write_clean
from training.datasets.changes import Changes
from training.datasets.index import Rows
from training.export.staging import write_folder
from training.runs import folder as checkpoints

ROOT = Path(__file__).resolve().parents[2]


def ended_right(run):
    assert run.returncode == 0, run.stderr
    return run


def partials(folder, name):
    return list(folder.glob(f".{name}.*"))


def clear(folder, name):
    """Remove what a killed run has left, as a user would; the next one does not need it gone."""
    for left in partials(folder, name):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def test_import(command, killer, pictures_csv, tmp_path):
    out, whole = tmp_path / "data.parquet", tmp_path / "whole.parquet"
    words = ("training", "import", pictures_csv, "--out", out)
    imports = killer(
        lambda: command(*words, wait=False),
        begun=lambda: bool(partials(tmp_path, out.name)),
        over=lambda: out.exists() and out.stat().st_size > 100,
    )

    def yesterday():
        out.write_bytes(b"of yesterday")

    def untouched():
        assert out.read_bytes() == b"of yesterday"
        clear(tmp_path, out.name)

    took_s = imports.whole()
    out.replace(whole)
    yesterday()
    imports.kill(5, took_s, untouched, yesterday)
    ended_right(command(*words))
    assert pq.read_table(out).equals(pq.read_table(whole))


@pytest.mark.slow
def test_train(command, killer, cartoons):
    """Killed while it learns, and while it installs what it has learnt; the next run goes on where it was."""
    options = ("--set", "epochs=5", "--set", "batch=16")
    words = ("training", "train", "quick", "--data", cartoons, *options, "--name")
    run, model = command.home / "runs" / "killed", command.home / "models" / "killed"

    def history(name):
        path = command.home / "runs" / name / "history.csv"
        with open(path) if path.exists() else io.StringIO() as lines:
            return list(csv.DictReader(lines))

    def trainings(name):
        folder = command.home / "runs" / name
        return killer(
            lambda: command(*words, name, wait=False),
            begun=lambda: (folder / "fit.json").exists(),
            over=lambda: (command.home / "models" / name / "README.md").exists(),
        )

    took_s = trainings("whole").whole()
    seen = []

    def nothing_is_lost():
        rows = history("killed")
        assert rows[: len(seen)] == seen
        seen[:] = rows[:-1]  # the last one's checkpoint may not be there, and then that epoch is made anew
        if model.exists():
            artifact.Artifact(model)

    def begin_anew():
        seen.clear()
        shutil.rmtree(run)
        shutil.rmtree(model)

    trainings("killed").kill(3, took_s / 2, nothing_is_lost, begin_anew)
    ended_right(command(*words, "killed"))
    first, second = history("whole"), history("killed")
    assert [row["epoch"] for row in second] == [row["epoch"] for row in first]
    for before, after in zip(first, second, strict=True):
        assert float(after["loss"]) == pytest.approx(float(before["loss"]), rel=0.01)
    assert artifact.Artifact(model).card.data["fit"]["epochs"] == 5


@pytest.mark.slow
def test_export(command, killer):
    out = command.home / "out" / "flagship.tflite"
    shutil.copytree(ROOT / "models" / "flagship", command.home / "models" / "flagship")
    words = ("training", "export", "flagship", "--out", out)
    exports = killer(
        lambda: command(*words, wait=False),
        begun=lambda: bool(partials(out.parent, out.name)),
        over=lambda: out.exists() and out.stat().st_size > 100,
    )

    def yesterday():
        out.write_bytes(b"of yesterday")

    def untouched():
        assert out.read_bytes() == b"of yesterday"
        clear(out.parent, out.name)

    took_s = exports.whole()
    whole = out.read_bytes()
    yesterday()
    exports.kill(2, took_s, untouched, yesterday)
    ended_right(command(*words))
    assert len(out.read_bytes()) == len(whole)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_video(kind, command, killer, film, detector, tmp_path):
    """Readings up to the kill are there; the marked video appears whole or not at all."""
    out, marked = tmp_path / f"faces.{kind}", tmp_path / "marked.mp4"
    parts = tmp_path / f"{out.name}.parts"
    words = ("core", "video", film, "--out", out, "--annotate", marked)
    more = {"MIEN_MODELS": str(ROOT / "models")}
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    videos = killer(
        lambda: command(*words, more=more, wait=False),
        begun=lambda: any(parts.glob("*")) if kind == "parquet" else out.exists() and out.stat().st_size > 500,
        over=marked.exists,
    )
    took_s = videos.whole()
    table, rows = read(out), []

    def nothing_yet():
        out.unlink(missing_ok=True)
        marked.unlink(missing_ok=True)

    def whole_rows():
        assert not marked.exists()
        if kind == "csv":
            text = out.read_text()
            out.write_text(text[: text.rindex("\n") + 1])  # a kill may cut the line that is being written
        elif not out.exists():
            recovered = command("core", "recover", out)
            if "nothing of an unfinished run" in recovered.stderr:  # killed before the first part, and then
                return  # the next run goes on by itself
            ended_right(recovered)
        pd.testing.assert_frame_equal(read(out), table[: len(read(out))], check_dtype=False)
        rows.append(len(read(out)))
        nothing_yet()

    nothing_yet()
    videos.kill(3, took_s, whole_rows, nothing_yet)
    assert kind == "parquet" or max(rows) > 0
    ended_right(command(*words, more=more))
    pd.testing.assert_frame_equal(read(out), table)
    assert marked.exists()


def crash_points(work, folder):
    """Kill the work before each of its file operations in a folder, in turn; gives the number of each before the look.

    Of what C libraries write, only the renaming is such an operation, which is what decides.
    """
    watched = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree")
    number = 0
    while True:
        number += 1
        child = os.fork()
        if child == 0:
            seen = 0

            def hook(event, arguments, number=number):
                nonlocal seen
                if event in watched and arguments and str(folder) in str(arguments[0]):
                    if event == "open" and not (isinstance(arguments[1], str) and set("wax+") & set(arguments[1])):
                        return
                    seen += 1
                    if seen == number:
                        os.kill(os.getpid(), signal.SIGKILL)

            code = 1
            try:
                sys.addaudithook(hook)
                work()
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
            return
        yield number


def test_a_model_folder_is_never_half_replaced(tmp_path, monkeypatch, record_property):
    """At every moment the old model or the new one is found by its name, whole."""
    original, out = ROOT / "models" / "quick", tmp_path / "models" / "quick"
    shutil.copytree(original, out)
    card, content = Card.load(original), (original / "model.tflite").read_bytes()

    def fill(folder):
        (folder / "model.tflite").write_bytes(content)
        return ["model.tflite"], {"exported": "anew"}

    monkeypatch.setenv("MIEN_MODELS", str(out.parent))
    artifact.Artifact(out)  # loads what a child would have to
    points, new = 0, 0
    for _ in crash_points(lambda: write_folder(replace(card, known_answer={}), out, fill), tmp_path):
        found = artifact.Artifact(model_store.folder_of("quick"))
        points += 1
        new += found.card.data.get("exported") == "anew"
    assert points > 5
    record_property("tries", points)
    assert Card.load(out).data["exported"] == "anew"


def test_a_checkpoint_is_never_half_written(tmp_path, record_property):
    """Curves and weights of an earlier epoch stand until those of the next are whole."""
    h5py = pytest.importorskip("h5py")

    class Model:
        weights, optimizer = (), None

        def __init__(self, epoch):
            self.epoch = epoch

        def save_weights(self, path):
            with h5py.File(path, "w") as file:
                file["weights"] = [self.epoch] * 1000

    def epoch(number):
        rows = [{"epoch": each, "val_accuracy": 0.5} for each in range(1, number + 1)]
        checkpoints.save(Model(number), tmp_path / checkpoints.BEST, number)
        checkpoints.write_history(tmp_path, rows)
        checkpoints.save(Model(number), tmp_path / checkpoints.LATEST, number)

    epoch(1)
    points = 0
    for _ in crash_points(lambda: epoch(2), tmp_path):
        points += 1
        told = len(checkpoints.saved_history(tmp_path))
        assert told in (1, 2)
        for name in (checkpoints.BEST, checkpoints.LATEST):
            with h5py.File(tmp_path / name) as file:
                assert set(file["weights"][:]) <= {1, 2}
                assert len(set(file["weights"][:])) == 1
        with h5py.File(tmp_path / checkpoints.LATEST) as file:
            assert file["weights"][0] == told
    assert points >= 4
    record_property("tries", points)


def test_a_small_file_is_never_half_written(tmp_path):
    """What notes, pages and cards are written by."""
    path = tmp_path / "note.json"
    path.write_text(json.dumps(["old"]))

    def write():
        with replacing(path) as partial:
            partial.write_text(json.dumps(["new"]))

    seen = {json.loads(path.read_text())[0] for _ in crash_points(write, tmp_path)}
    assert seen == {"old", "new"}


def test_a_list_of_changes_and_a_clean_copy_are_never_half_written(cartoons, tmp_path, record_property):
    rows = Rows.load(cartoons)
    changes, out = Changes(rows, tmp_path / "list.csv"), tmp_path / "clean.parquet"
    changes.exclude([0])
    seen = []
    for _ in crash_points(lambda: (changes.exclude([1, 2]), write_clean(rows, out, changes)), tmp_path):
        seen.append(len(Changes(rows, changes.path)))
        assert not out.exists() or len(Rows.load(out)) <= len(rows) - 3
    assert seen == sorted(seen)
    assert set(seen) == {1, 3}
    assert len(Rows.load(out)) <= len(rows) - 3
    record_property("tries", len(seen))
