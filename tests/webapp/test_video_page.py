import io
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.errors import ModelError, VideoError
from core.labels import FER7
from core.output.table import COLUMNS, RAW_COLUMNS, encode
from core.readings import Answer, Frame
from core.video.clip import Clip
from webapp.ui.shared import engine
from webapp.ui.video import baseline
from webapp.ui.video import faces as video_faces
from webapp.ui.video import job as video_job
from webapp.ui.video.job import ClipSettings, VideoJob

HOME = Path(__file__).parents[2] / "webapp" / "Home.py"


class FakeSession:
    """Sees face 1 in bright pictures, face 2 beside it after a second, none in dark ones; slow where told to be."""

    pause_s = 0.0

    def __init__(self, recognizer, options, search):
        self.recognizer = recognizer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self, picture, time_s):
        time.sleep(self.pause_s)
        height, width = picture.shape[:2]
        if picture.mean() < 60:
            return Frame(width, height, ())
        likely = "happy" if time_s < 1 else "sad"
        answers = {"fer7": Answer({label: 0.94 if label == likely else 0.01 for label in FER7.labels})}
        (reading, *_) = self.recognizer.read_frame(picture).readings
        numbers = (1,) if time_s < 1 else (1, 2) if time_s < 1.5 else (3,)
        return Frame(width, height, tuple(_numbered(reading, answers, number) for number in numbers))


def _numbered(reading, answers, number):
    return type(reading)(reading.face, answers, number=number, raw=answers)


@pytest.fixture
def fake_engine(recognizer, monkeypatch):
    recognizer.card = SimpleNamespace(outputs={"fer7": SimpleNamespace(unsure_below=0.5)})
    monkeypatch.setattr(engine, "Recognizer", lambda model: recognizer)
    monkeypatch.setattr(video_job, "Session", FakeSession)
    return recognizer


@pytest.fixture(scope="session")
def clips(tmp_path_factory, write_clip):
    """Encoded clips of two seconds by what is in them, and two files that are none."""
    folder = tmp_path_factory.mktemp("clips")
    times = [number / 10 for number in range(20)]
    bright, dark = np.full((64, 96, 3), 200, np.uint8), np.full((64, 96, 3), 20, np.uint8)
    noisy = [np.random.default_rng(number).integers(120, 255, (64, 96, 3), np.uint8) for number in range(20)]
    whole = write_clip(folder / "noisy.mp4", noisy, times, movflags="faststart").read_bytes()
    return {
        "faces": write_clip(folder / "faces.mp4", [bright] * 20, times).read_bytes(),
        "dark": write_clip(folder / "dark.mp4", [dark] * 20, times).read_bytes(),
        "cut": whole[: len(whole) // 2],
        "text": b"not a video",
    }


@pytest.fixture(scope="session")
def long_clip(tmp_path_factory, write_clip):
    """Four seconds of faces."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    return write_clip(path, [np.full((64, 96, 3), 200, np.uint8)] * 40, [n / 10 for n in range(40)]).read_bytes()


@pytest.fixture
def page(fake_engine):
    st.cache_resource.clear()
    st.cache_data.clear()
    return AppTest.from_file(HOME, default_timeout=60).run().switch_page("screens/video.py").run()


def upload(page, data, name="clip.mp4"):
    page.file_uploader[0].set_value((name, data, "video/mp4"))
    return page.run()


def button(page, label):
    return next(button for button in page.button if button.label == label)


def read(page, data, name="clip.mp4"):
    button(upload(page, data, name), "Read the clip").click().run()
    deadline = time.monotonic() + 60
    while any(each.label == "Cancel" for each in page.button) and time.monotonic() < deadline:
        time.sleep(0.1)
        page.run()
    return page


def texts(elements):
    return [element.value for element in elements]


def test_a_clip_is_read_and_shown(page, clips):
    app = read(page, clips["faces"])
    assert not app.exception
    assert not app.error
    assert len(app.get("video")) == 1
    assert len(app.get("plotly_chart")) == 3
    (table,) = texts(app.dataframe)
    assert table["Face"].tolist() == ["1", "2", "3"]
    assert table["In view"].tolist() == pytest.approx([1.5, 0.5, 0.5])
    assert table["Share of the time"].tolist()[0] == "happy 67 %, sad 33 %"
    assert table["Changes a minute"].tolist()[0] == pytest.approx(40)
    labels = [each.proto.label for each in app.download_button]
    assert labels == ["CSV", "Parquet", "JSON Lines", "Excel", "Video (MP4)"]


def name_ann(app, *faces):
    for field in app.text_input:
        if field.label in faces:
            field.set_value("Ann")
    app.run()


def test_faces_with_one_name_are_one(page, clips):
    app = read(page, clips["faces"])
    name_ann(app, "Face 1", "Face 3")
    assert not app.warning
    (table,) = texts(app.dataframe)
    assert table["Face"].tolist() == ["Ann", "2"]
    assert table["In view"].tolist() == pytest.approx([2.0, 0.5])
    assert len(app.get("plotly_chart")) == 2
    assert "**Ann**" in texts(app.markdown)


def test_faces_that_were_seen_together_stay_two(page, clips):
    app = read(page, clips["faces"])
    name_ann(app, "Face 1", "Face 2")
    assert "in view together at 1.0 s" in app.warning[0].value
    assert set(texts(app.dataframe)[0]["Face"]) == {"Ann", "Ann (2)", "3"}


def test_a_moment_is_shown(page, clips):
    app = read(page, clips["faces"])
    moment = next(slider for slider in app.slider if slider.label == "Moment")
    assert "Face 1\\: happy 94 %" in texts(app.markdown)
    moment.set_value(1.21)
    app.run()
    assert not app.exception
    shown = [text for text in texts(app.markdown) if "sad 94 %" in text]
    assert shown == ["Face 1\\: sad 94 %", "Face 2\\: sad 94 %"]


def looks_neutral(app, title, moment_s=None):
    """Press the face's button at a moment."""
    if moment_s is not None:
        next(slider for slider in app.slider if slider.label == "Moment").set_value(moment_s)
        app.run()
    titles = [text for text in texts(app.markdown) if text.startswith("**Face ") or text == "**Ann**"]
    offers = [each for each in app.button if each.label in ("Looks neutral here", "Remove")]
    offers[titles.index(f"**{title}**")].click().run()
    return app


def test_a_face_that_looks_neutral_is_a_baseline_for_the_whole_clip(page, clips, monkeypatch):
    app = read(page, clips["faces"])
    looks_neutral(app, "Face 2", 1.2)  # which always looks sad
    assert not app.exception
    (table,) = texts(app.dataframe)
    shares = dict(zip(table["Face"], table["Share of the time"], strict=True))
    assert shares == {"1": "happy 67 %, sad 33 %", "2": "neutral 100 %", "3": "sad 100 %"}
    assert any("Neutral at 1.2 s" in text for text in texts(app.markdown))
    assert "Face 2\\: neutral 40 %" in texts(app.markdown)
    assert any("without a baseline" in text for text in texts(app.caption))
    button(app, "Remove").click().run()
    assert texts(app.dataframe)[0]["Share of the time"].tolist()[1] == "sad 100 %"
    assert not any("without a baseline" in text for text in texts(app.caption))


def test_faces_with_one_name_have_one_baseline(page, clips):
    app = read(page, clips["faces"])
    looks_neutral(app, "Face 3", 1.9)
    name_ann(app, "Face 2", "Face 3")
    (table,) = texts(app.dataframe)
    shares = dict(zip(table["Face"], table["Share of the time"], strict=True))
    assert shares == {"1": "happy 67 %, sad 33 %", "Ann": "neutral 100 %"}
    button(app, "Remove").click().run()
    assert not app.exception
    assert "neutral" not in "".join(texts(app.dataframe)[0]["Share of the time"])


def test_a_face_out_of_view_gives_no_baseline(page, long_clip):
    app = looks_neutral(read(page, long_clip), "Face 1", 3.9)
    assert texts(app.warning) == [
        "Face 1 is not seen in the 3 seconds about 3.9 s: click into its timeline where it looks neutral first."
    ]
    assert texts(app.dataframe)[0]["Face"].tolist() == ["3", "1", "2"]
    assert not any("Neutral at" in text for text in texts(app.markdown))


def test_another_reading_begins_without_baselines(page, clips):
    app = looks_neutral(read(page, clips["faces"]), "Face 2", 1.2)
    assert texts(app.dataframe)[0]["Share of the time"].tolist()[1] == "neutral 100 %"
    button(app, "Read again").click().run()
    app = read_on(app)
    assert texts(app.dataframe)[0]["Share of the time"].tolist()[1] == "sad 100 %"


def test_a_clip_without_a_face_is_said_kindly(page, clips):
    app = read(page, clips["dark"])
    assert any("No face was found" in text for text in texts(app.info))
    assert not app.error
    assert not app.exception
    assert not app.download_button


def test_a_clip_that_breaks_off_is_shown_as_far_as_it_goes(page, clips):
    app = read(page, clips["cut"], "holiday_1.mp4")
    assert "holiday\\_1.mp4\\: breaks off at" in app.warning[0].value
    assert app.get("video")


def test_what_is_no_video_is_named(page, clips):
    app = upload(page, clips["text"], "notes.mp4")
    assert "notes.mp4\\: is no video" in app.error[0].value
    assert not app.exception
    assert app.file_uploader


def test_a_fault_of_the_engine_is_a_sentence(page, clips, monkeypatch):
    def missing(model):
        raise ModelError("the model is damaged")

    monkeypatch.setattr(engine, "Recognizer", missing)
    app = read(page, clips["faces"])
    assert texts(app.error) == ["the model is damaged"]
    assert button(app, "Read the clip")


def test_cancel_and_read_again(page, clips, monkeypatch):
    monkeypatch.setattr(FakeSession, "pause_s", 0.3)
    app = button(upload(page, clips["faces"]), "Read the clip").click().run()
    assert button(app, "Cancel")
    button(app, "Cancel").click().run()
    app.run()
    assert not app.get("video")
    monkeypatch.setattr(FakeSession, "pause_s", 0.0)
    app = read_on(app)
    assert app.get("video")
    button(app, "Read again").click().run()
    assert button(app, "Read the clip")
    assert not app.get("video")


def read_on(app):
    button(app, "Read the clip").click().run()
    while any(each.label == "Cancel" for each in app.button):
        time.sleep(0.1)
        app.run()
    return app


def test_another_clip_leaves_nothing_behind(page, clips, monkeypatch):
    kept = []
    monkeypatch.setattr(video_job, "TemporaryDirectory", recorded(video_job.TemporaryDirectory, kept))
    app = read(page, clips["faces"])
    (folder,) = kept
    assert folder.stat().st_mode & 0o077 == 0
    button(app, "Another clip").click().run()
    assert not folder.exists()
    assert app.file_uploader


def recorded(make, kept):
    def record(*args, **kwargs):
        directory = make(*args, **kwargs)
        kept.append(Path(directory.name))
        return directory

    return record


def wait_for(job):
    while job.progress is not None:
        time.sleep(0.02)


@pytest.fixture
def job(clips, fake_engine):
    job = VideoJob("../odd/clip.mp4", clips["faces"])
    yield job
    job.close()


def test_a_job_takes_the_settings(job, fake_engine):
    job.start(fake_engine, ClipSettings(every_n=2, from_s=0.5, to_s=1.3))
    wait_for(job)
    assert job.name == "clip.mp4"
    assert job.result.times_s == pytest.approx([0.5, 0.7, 0.9, 1.1])
    assert job.result.table["frame"].tolist() == [5, 7, 9, 11, 11]
    assert tuple(job.result.table.columns) == (*COLUMNS, *RAW_COLUMNS)
    assert [time_s for _, time_s, _ in Clip(job.result.annotated).pictures()] == pytest.approx([0, 0.2, 0.4, 0.6])
    assert set(job.result.portraits) == {1, 2}


def test_the_table_with_a_baseline_is_as_good_for_files_as_the_one_without(job, fake_engine):
    job.start(fake_engine, ClipSettings())
    wait_for(job)
    before = job.result.table
    table = baseline.with_baselines(job.result, (((2,), (1.2,)),))
    assert table.dtypes.equals(before.dtypes)
    assert table[["time_s", "frame", "face", *RAW_COLUMNS]].equals(before[["time_s", "frame", "face", *RAW_COLUMNS]])
    assert set(table.loc[table["face"] == 2, "label"]) == {"neutral"}
    assert table[table["face"] != 2].equals(before[before["face"] != 2])
    written = pd.read_parquet(io.BytesIO(encode(table.to_dict("records"), list(table.columns), "parquet")))
    assert written["label"].tolist() == table["label"].tolist()


def test_names_are_numbers_only_where_they_are_written_as_such():
    table = pd.DataFrame({"face": [1, 2]})
    assert video_faces.renamed(table, {1: "7", 2: "2"})["face"].tolist() == [7, 2]
    assert video_faces.renamed(table, {1: "1", 2: "01"})["face"].tolist() == ["1", "01"]


def test_a_fault_in_mien_is_told_and_logged(job, fake_engine, monkeypatch, caplog):
    monkeypatch.setattr(FakeSession, "read", lambda *_: 1 / 0)
    job.start(fake_engine, ClipSettings())
    wait_for(job)
    assert "a fault in Mien" in job.error
    assert "ZeroDivisionError" in caplog.text


def test_a_job_that_is_closed_while_it_reads_leaves_nothing(clips, fake_engine, monkeypatch):
    monkeypatch.setattr(FakeSession, "pause_s", 0.1)
    job = VideoJob("clip.mp4", clips["faces"])
    job.start(fake_engine, ClipSettings())
    time.sleep(0.3)
    job.close()
    assert job.progress is None
    assert job.result is None
    assert not job.folder.exists()


def test_what_is_no_video_leaves_no_folder(clips, monkeypatch):
    kept = []
    monkeypatch.setattr(video_job, "TemporaryDirectory", recorded(video_job.TemporaryDirectory, kept))
    with pytest.raises(VideoError, match=r"^notes\.mp4: is no video"):
        VideoJob("notes.mp4", clips["text"])
    assert not kept[0].exists()
