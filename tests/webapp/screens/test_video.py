import io
import json
import time
import zipfile
from types import SimpleNamespace

import pandas as pd
import pytest
import streamlit as st

from core.errors import ModelError
from webapp.ui.shared import engine, time_view
from webapp.ui.video import results
from webapp.ui.video.job import ClipSettings, VideoJob


@pytest.fixture
def page(open_page, fake_session, monkeypatch):
    """The page, with a slider where the browser has the playhead."""

    def head(key, data, **_):
        return SimpleNamespace(at_s=st.slider("Moment", data["first"], data["last"], data["first"], 0.01, key=key))

    monkeypatch.setattr(time_view, "_head", head)
    return open_page("video")


def read(page, data, name="clip.mp4"):
    return read_on(page.upload((name, data, "video/mp4")))


def read_on(page):
    return page.press("Read the clip").until(lambda page: not [each for each in page.button if each.label == "Cancel"])


def summary(page):
    """What the table says of each face."""
    table = page.dataframe[0].value
    return dict(zip(table["Face"], table["Share of the time"], strict=True))


def name_ann(page, *faces):
    for field in page.text_input:
        if field.label in faces:
            field.set_value("Ann")
    return page.run()


def looks_neutral(page, title, moment_s):
    """Press the face's button at a moment."""
    page.set("slider", "Moment", moment_s)
    titles = [text for text in page.texts("markdown") if text.startswith("**Face ") or text == "**Ann**"]
    offers = [each for each in page.button if each.label in ("Looks neutral here", "Remove")]
    offers[titles.index(f"**{title}**")].click()
    return page.run()


def test_a_clip_is_read_and_shown(page, clips):
    read(page, clips["faces"])
    assert not page.error
    assert len(page.get("video")) == 1
    assert len(page.charts) == 3
    assert summary(page) == {"1": "happy 67%, sad 33%", "2": "sad 100%", "3": "sad 100%"}
    table = page.dataframe[0].value
    assert table["In view"].tolist() == pytest.approx([1.5, 0.5, 0.5])
    assert table["Changes a minute"].tolist()[0] == pytest.approx(40)
    assert [each.label for each in page.download_button] == [
        "CSV",
        "Parquet",
        "JSON Lines",
        "Excel",
        "Video (MP4)",
        "How it was read",
    ]
    assert page.says("happy, 94%", "markdown")
    page.set("slider", "Moment", 1.21)
    assert len([text for text in page.texts("markdown") if "sad, 94%" in text]) == 2


def test_faces_with_one_name_are_one_unless_they_were_seen_together(page, clips):
    name_ann(read(page, clips["faces"]), "Face 1", "Face 3")
    assert not page.warning
    assert summary(page).keys() == {"Ann", "2"}
    assert page.dataframe[0].value["In view"].tolist() == pytest.approx([2.0, 0.5])
    assert len(page.charts) == 2
    name_ann(page, "Face 2")
    assert "together at 1.0 s" in page.warning[0].value
    assert summary(page).keys() == {"Ann", "Ann (2)"}


def test_a_face_that_looks_neutral_is_a_baseline_for_the_whole_clip(page, clips):
    looks_neutral(read(page, clips["faces"]), "Face 2", 1.2)  # which always looks sad
    assert "looks **sad, 94%**, not neutral" in page.warning[0].value
    assert summary(page)["2"] == "sad 100%"
    page.press("It is the neutral face")
    assert summary(page) == {"1": "happy 67%, sad 33%", "2": "neutral 100%", "3": "sad 100%"}
    assert page.says("Neutral at 1.2 s", "markdown")
    assert page.says("without a baseline", "caption")
    page.press("Remove")
    assert summary(page)["2"] == "sad 100%"
    assert not page.says("without a baseline", "caption")


def test_faces_with_one_name_have_one_baseline_and_another_reading_has_none(page, clips):
    looks_neutral(read(page, clips["faces"]), "Face 3", 1.9)
    page.press("It is the neutral face")
    name_ann(page, "Face 2", "Face 3")
    assert summary(page) == {"1": "happy 67%, sad 33%", "Ann": "neutral 100%"}
    read_on(page.press("Read again"))
    assert summary(page) == {"1": "happy 67%, sad 33%", "2": "sad 100%", "3": "sad 100%"}


def test_a_face_out_of_view_gives_no_baseline(page, clips):
    looks_neutral(read(page, clips["long"]), "Face 1", 3.9)
    (warning,) = page.texts("warning")
    assert "Face 1" in warning
    assert summary(page).keys() == {"3", "1", "2"}
    assert not page.says("Neutral at", "markdown")


def test_a_clip_without_a_face_is_no_error(page, clips):
    read(page, clips["dark"])
    assert page.says("No face was found", "info")
    assert not page.error
    assert not page.download_button


def test_a_clip_that_breaks_off_is_shown_as_far_as_it_goes(page, clips):
    read(page, clips["cut"], "holiday_1.mp4")
    assert "holiday\\_1.mp4\\: breaks off at" in page.warning[0].value
    assert page.get("video")


def test_what_is_no_video_is_named(page, clips):
    page.upload(("notes.mp4", clips["text"], "video/mp4"))
    assert "notes.mp4" in page.error[0].value
    assert page.file_uploader


def test_a_fault_of_the_engine_is_a_sentence(page, clips, monkeypatch):
    def missing(model, cores):
        raise ModelError("the model is damaged")

    monkeypatch.setattr(engine, "Recognizer", missing)
    read(page, clips["faces"])
    assert page.texts("error") == ["the model is damaged"]
    assert page.the("button", "Read the clip")


def test_cancel_and_read_on(page, clips, fake_session, monkeypatch):
    monkeypatch.setattr(fake_session, "pause_s", 0.3)
    page.upload(("clip.mp4", clips["faces"], "video/mp4")).press("Read the clip").press("Cancel")
    assert not page.run().get("video")
    monkeypatch.setattr(fake_session, "pause_s", 0.0)
    assert read_on(page).get("video")
    page.press("Remove clip")
    assert page.says("Drop one clip", "info")


def test_what_is_told_is_of_the_picture_that_the_player_shows(page, clips):
    read(page, clips["faces"])

    def told(moment_s):
        return {text for text in page.set("slider", "Moment", moment_s).texts("markdown") if text.startswith("Face ")}

    assert told(0.997) == told(0.95) != told(1.0)


def several(page, clips, *names):
    return page.upload(*[(f"{name}.mp4", clips[name], "video/mp4") for name in names])


def states(page):
    return [
        text for text in page.texts("caption") if text.split(",")[0] in ("waiting", "reading", "read", "not read yet")
    ]


def test_several_clips_are_read_one_after_the_other(page, clips, fake_session, monkeypatch):
    monkeypatch.setattr(fake_session, "pause_s", 0.05)
    several(page, clips, "faces", "long", "dark")
    assert states(page) == ["not read yet"] * 3
    page.press("Read all 3 clips")
    assert states(page)[1:] == ["waiting"] * 2
    page.until(lambda page: states(page) == ["read"] * 3)
    assert len(page.charts) == 3
    page.press("long.mp4")
    assert page.says("**long.mp4**", "markdown")
    page.press("dark.mp4")
    assert page.says("No face was found", "info")
    assert page.the("download_button", "Tables of all 3 clips (ZIP)")
    page.press("Remove clip")
    assert page.the("download_button", "Tables of all 2 clips (ZIP)")


def test_one_bad_clip_among_others_is_named_and_stops_none(page, clips):
    several(page, clips, "text", "faces", "long")
    assert "text.mp4" in page.error[0].value
    page.press("Read all 2 clips").until(lambda page: states(page) == ["read"] * 2)
    assert not page.exception


def test_cancelling_one_clip_lets_the_next_one_begin(page, clips, fake_session, monkeypatch):
    monkeypatch.setattr(fake_session, "pause_s", 0.1)
    several(page, clips, "long", "faces").press("Read all 2 clips").press("Cancel")
    page.until(lambda page: states(page) == ["not read yet", "read"])


def test_a_public_server_takes_few_clips_of_a_visitor(open_page, fake_session, clips):
    page = several(open_page("video", mode="public"), clips, *["faces"] * 5)
    assert "4 clips are here already" in page.error[0].value
    assert len(states(page)) == 4


def test_the_part_of_a_clip_is_chosen_with_its_pictures(page, clips):
    page.upload(("clip.mp4", clips["long"], "video/mp4"))
    page.set("slider", "Part of the clip", (1.0, 2.0))
    assert [image.proto.imgs[0].caption for image in page.get("image")] == ["Begins at 1.0 s", "Ends at 2.0 s"]
    read_on(page)
    assert page.dataframe[0].value["In view"].sum() == pytest.approx(1.0, abs=0.5)


def test_the_tables_of_all_clips_lie_in_one_file(recognizer, clips, fake_session):
    jobs = [VideoJob("clip.mp4", clips[name]) for name in ("faces", "dark")]
    for job, before in zip(jobs, [None, *jobs], strict=False):
        job.start(recognizer, ClipSettings(), before)
    while any(job.progress is not None for job in jobs):
        time.sleep(0.05)
    archive = zipfile.ZipFile(io.BytesIO(results.tables_of(jobs)))
    assert archive.namelist() == [f"{place}-clip-mien.csv{end}" for place in (1, 2) for end in ("", ".provenance.json")]
    table = pd.read_csv(archive.open("1-clip-mien.csv"))
    assert sorted(table["face"].unique()) == [1, 2, 3]
    assert json.loads(archive.read("2-clip-mien.csv.provenance.json"))
    for job in jobs:
        job.close()
