"""Clocks that are set back while something goes on."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from core.labels import FER7
from core.readings import Answer, Face, FaceQuality, Reading
from core.streams.session import Session, SessionOptions
from training.jobs import queue
from training.runs import mlflow_runs
from training.runs.folder import CURVES, PLAN, outlook, write_history

HOUR_S = 3600.0
PICTURE = np.full((48, 64, 3), 90, np.uint8)
CROP = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)


class FakeRecognizer:
    """Sees one face, and reads what it is told to."""

    card = SimpleNamespace(data={})
    baseline = None

    def __init__(self):
        self.label, self.asked = "happy", 0
        self.finder = self

    def follow(self, pyramid, known, windows):
        quality = FaceQuality(inside=1, pixels=20, turn=0, roll=0, sharpness=1, light=0.5)
        return [Face((10, 10, 20, 20), 0.9, ((15, 15), (25, 15)), (20, 25), quality, CROP)]

    def answer(self, faces):
        self.asked += 1
        values = {label: 0.94 if label == self.label else 0.01 for label in FER7.labels}
        return [Reading(face, {"fer7": Answer(values)}) for face in faces]


@pytest.fixture
def film():
    """Reads two seconds, sets the clock back, changes the face and reads two more: `film(options)`."""

    def play(options, back_s=HOUR_S, meanwhile=lambda session: None):
        recognizer, frames = FakeRecognizer(), []
        with Session(recognizer, options) as session:
            for step in range(30):
                frames.append(session.read(PICTURE, 100_000 + step / 15))
            meanwhile(session)
            recognizer.label, asked = "sad", recognizer.asked
            for step in range(30, 60):
                frames.append(session.read(PICTURE, 100_000 - back_s + step / 15))
            return frames, recognizer.asked - asked, session

    return play


@pytest.mark.parametrize("back_s", [1.0, HOUR_S, 1e9])
def test_smoothing_goes_on(film, back_s):
    frames, _, _ = film(SessionOptions(smoothing_s=0.4), back_s)
    assert {frame.readings[0].number for frame in frames} == {1}
    assert frames[31].readings[0].label == "happy"  # smoothed still
    assert frames[-1].readings[0].label == "sad"
    assert frames[-1].readings[0].probabilities["sad"] > 0.9


def test_reading_every_so_often_goes_on(film):
    _, asked, _ = film(SessionOptions(every_s=0.5))
    assert 3 <= asked <= 5


def test_a_baseline_is_taken_to_its_end(film):
    _, _, session = film(SessionOptions(), meanwhile=Session.start_baseline)
    assert 0.6 < session.baseline(1) < 0.7


def test_frames_keep_the_moments_that_they_were_given(film):
    frames, _, _ = film(SessionOptions())
    assert frames[-1].time_s == pytest.approx(100_000 - HOUR_S + 59 / 15)


@pytest.fixture
def later(tmp_path):
    """Make a file look as if the clock had been set back by an hour since it was written."""

    def age(path):
        when = time.time() + HOUR_S
        os.utime(path, (when, when))

    return age


def test_the_time_left_of_a_training_is_no_longer_than_its_epochs(tmp_path, later):
    (tmp_path / PLAN).write_text(json.dumps({"recipe": "any", "settings": {"epochs": 3}}))
    write_history(tmp_path, [{"epoch": 1, "seconds": 60}])
    later(tmp_path / CURVES)
    assert outlook(tmp_path, datetime.now(UTC)).seconds_left == 120
    assert outlook(tmp_path, datetime.now(UTC) + timedelta(hours=1)).seconds_left == 120


def test_jobs_keep_their_order_and_their_states(tmp_path, later, monkeypatch):
    monkeypatch.setattr(mlflow_runs, "RUNS", tmp_path)
    for number, files in enumerate(
        [{"exit": "0", "begun": ""}, {"exit": "1", "begun": ""}, {"stop": "", "exit": "-2"}]
    ):
        folder = tmp_path / "jobs" / f"{number + 1:04}"
        folder.mkdir(parents=True)
        (folder / queue.PLAN).write_text(json.dumps({"title": str(number), "command": ["true"], "run": None}))
        for name, text in files.items():
            (folder / name).write_text(text)
        if number != 1:
            for path in folder.iterdir():
                later(path)
            later(folder)
    assert [(job.title, job.state) for job in queue.jobs()] == [("0", "finished"), ("1", "failed"), ("2", "stopped")]


def test_uploads_to_the_gradio_page_are_deleted_on_time(tmp_path, monkeypatch):
    """Whatever the clock says that the files' times are taken from."""
    from webapp.space import uploads

    monkeypatch.setattr(uploads, "folder", lambda: str(tmp_path))
    (tmp_path / "icon.svg").write_bytes(b"of the page")
    now_s = 0.0
    sweeper = uploads.Sweeper(lambda: now_s)
    path, again = tmp_path / "visitor" / "upload.png", tmp_path / "again.png"
    path.parent.mkdir()
    path.write_bytes(b"a face")
    again.write_bytes(b"a face")
    os.utime(path, (time.time() + HOUR_S,) * 2)
    sweeper.sweep()
    now_s = uploads.KEPT_MINUTES * 60 - 1
    os.utime(again, (time.time() + 5,) * 2)
    sweeper.sweep()
    assert path.exists()
    now_s += 2
    sweeper.sweep()
    assert not path.exists()
    assert again.exists()  # it was sent once more
    now_s += uploads.KEPT_MINUTES * 60
    sweeper.sweep()
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["icon.svg"]
