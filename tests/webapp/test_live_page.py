"""The live page without a camera: the streamer is replaced, and what it would report is made up."""

import time
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import model_store
from core.inference.artifact import Artifact
from core.labels import FER7
from core.readings import Answer, Face, FaceQuality, Frame, Reading
from core.runtime import assets
from core.streams.session import SessionOptions
from webapp.ui.live import connection
from webapp.ui.live import ice_servers as live_ice
from webapp.ui.live import slots as live_slots
from webapp.ui.live.connection import Connection
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import engine

HOME = Path(__file__).parents[2] / "webapp" / "Home.py"


class Card:
    name = "quick"
    outputs = ("fer7",)


class Streamer:
    """Stands for streamlit-webrtc."""

    def __init__(self):
        self.connection = Connection()
        self.shown_with = None

    def show(self, stream, ice_servers):
        self.shown_with = (stream, ice_servers)
        return self.connection


@pytest.fixture
def streamer(monkeypatch, recognizer):
    streamer = Streamer()
    monkeypatch.setattr(connection, "show", streamer.show)
    monkeypatch.setattr(connection, "connection", lambda: streamer.connection)
    recognizer.card = Card()
    monkeypatch.setattr(engine, "Recognizer", lambda model: recognizer)
    return streamer


@pytest.fixture
def page(streamer):
    """The live page of a viewer who has agreed."""
    st.cache_resource.clear()
    app = AppTest.from_file(HOME, default_timeout=60).run()
    app = app.switch_page("screens/live.py").run()
    return app.checkbox[0].check().run()


def reading(number, label):
    quality = FaceQuality(inside=1, pixels=50, turn=0, roll=0, sharpness=1, light=0.1)
    face = Face((10.0, 20.0, 30.0, 40.0), 0.9, ((15, 30), (30, 30)), (22, 50), quality, np.zeros((48, 48, 3), np.uint8))
    return Reading(face, {"fer7": Answer({name: 0.94 if name == label else 0.01 for name in FER7.labels})}, number)


def watch(page, streamer, *readings, time_s=0.0):
    """The page while the stream shows these readings."""
    stream = page.session_state["live_stream"]
    stream.frame = Frame(640, 480, readings, 0, time_s)
    stream.history.add(stream.frame)
    stream.recording.add(stream.frame)
    for moment in (0.0, 0.1, 0.2):
        stream.meter.add(moment, moment + 0.012)
    streamer.connection = Connection(playing=True)
    return page.run()


def waited(page, seconds):
    """The page after the viewer has waited for so long."""
    page.run()
    wanted, began = page.session_state["live_waiting"]
    page.session_state["live_waiting"] = (wanted, began - seconds)
    return page.run()


def texts(elements):
    return [element.value for element in elements]


def button(page, label):
    return next(button for button in page.button if button.label == label)


def test_the_camera_waits_for_consent(page, streamer):
    assert streamer.shown_with == (page.session_state["live_stream"], [])
    streamer.shown_with = None
    page.checkbox[0].uncheck().run()
    assert streamer.shown_with is None


def test_before_the_start(page):
    assert any("as soon as the camera runs" in text for text in texts(page.info))
    assert button(page, "Start recording").disabled
    assert not page.warning


def test_faces_with_bars_and_their_last_minute(page, streamer):
    watch(page, streamer, reading(1, "happy"), reading(4, "sad"))
    assert not page.exception
    assert "**1 happy 94 %**" in texts(page.markdown)
    assert len(page.get("plotly_chart")) == 4
    assert "10 frames a second · 12 ms a frame (median), 12 ms (95th percentile)" in texts(page.caption)
    assert any("Too dark" in text for text in texts(page.caption))


def test_no_face_is_no_error(page, streamer):
    watch(page, streamer, reading(1, "happy"))
    watch(page, streamer, time_s=1.0)
    assert any("No face in view" in text for text in texts(page.info))
    assert any("not in view" in text for text in texts(page.markdown))
    watch(page, streamer, time_s=30.0)
    assert not page.get("plotly_chart")
    assert not page.warning


def test_frames_that_failed_are_said_once(page, streamer):
    stream = page.session_state["live_stream"]
    stream.failures, stream.failure = 312, "The mesh is missing."
    watch(page, streamer, reading(1, "happy"))
    (warning,) = texts(page.warning)
    assert "312" in warning
    assert "The mesh is missing." in warning


def test_ten_seconds_without_a_connection(page, streamer):
    streamer.connection = Connection(signalling=True)
    assert not waited(page, 8).warning
    waited(page, 3)
    assert "does not get through" in page.warning[0].value
    assert page.get("page_link")
    assert any("uploaded photo, or a snapshot" in text for text in texts(page.caption))


def test_ten_seconds_without_a_camera(page):
    assert "permission" in waited(page, 11).warning[0].value


def test_an_address_where_no_camera_opens(page, monkeypatch):
    monkeypatch.setattr(live_ice, "is_local", lambda url: False)
    page.run()
    assert "https" in page.warning[0].value
    assert "What still works: an uploaded photo." in texts(page.caption)


def test_malformed_ice_servers(page, monkeypatch):
    monkeypatch.setattr(live_ice, "is_local", lambda url: False)
    monkeypatch.setenv("MIEN_ICE_SERVERS", "turn:turn.example.org")
    page.run()
    assert "MIEN_ICE_SERVERS is no JSON" in page.error[0].value
    assert not page.exception


def test_one_too_many_is_asked_to_wait(page, streamer, monkeypatch):
    monkeypatch.setenv("MIEN_MAX_LIVE", "1")
    other, slots = LiveStream(), live_slots.of_server()
    assert slots.take(other, 1)
    streamer.shown_with = None
    for state in (Connection(), Connection(signalling=True)):
        streamer.connection = state
        page.run()
        assert any("All places are taken" in text for text in texts(page.info))
        assert streamer.shown_with is None
    other.end()
    slots.release(other)
    button(page, "Try again").click().run()
    assert streamer.shown_with
    assert not slots.take(other, 1)


def test_the_end_of_a_stream_frees_its_place(page, streamer, monkeypatch):
    monkeypatch.setenv("MIEN_MAX_LIVE", "1")
    watch(page, streamer)
    assert not live_slots.of_server().take(LiveStream(), 1)
    page.session_state["live_stream"].end()
    assert live_slots.of_server().has_room(LiveStream(), 1)


def test_settings_reach_the_stream(page):
    stream = page.session_state["live_stream"]
    assert stream.options == SessionOptions()
    page.slider[0].set_value(1.5)
    page.select_slider[0].set_value(2.0)
    page.segmented_control[0].set_value("All equal")
    for toggle in page.toggle:
        toggle.set_value(not toggle.value)
    page.run()
    assert stream.options == SessionOptions(smoothing_s=1.5, every_s=2.0, flat_prior=True, mesh=True)
    assert not stream.mirror


def test_the_baseline_of_each_face(page, streamer, monkeypatch):
    taken = {}
    monkeypatch.setattr(LiveStream, "baseline", lambda self, number: taken.get(number))
    monkeypatch.setattr(LiveStream, "start_baseline", lambda self, number: taken.update({number: 0.3}))
    monkeypatch.setattr(LiveStream, "forget_baseline", lambda self, number: taken.pop(number))
    faces = (reading(1, "happy"), reading(4, "sad"))
    button(watch(page, streamer, *faces), "Face 4: Take my neutral face").click().run()
    assert taken == {4: 0.3}
    assert page.get("progress")
    taken[4] = 1.0
    assert any("Face 4: Baseline on" in text for text in texts(watch(page, streamer, *faces).markdown))
    button(page, "Remove").click().run()
    assert taken == {}


def test_a_recording(page, streamer):
    watch(page, streamer, reading(1, "happy"))
    button(page, "Start recording").click().run()
    watch(page, streamer, reading(1, "happy"), time_s=1.0)
    page.text_input[0].set_value("film begins").run()
    button(page, "Mark").click().run()
    watch(page, streamer, reading(1, "sad"), time_s=2.0)
    button(page, "Stop recording").click().run()
    assert "2 rows" in texts(page.markdown)
    assert [button.proto.label for button in page.download_button] == ["CSV", "Parquet", "JSON Lines"]
    rows = page.session_state["live_stream"].recording.rows()
    assert [(row["time_s"], row["label"], row["event"]) for row in rows] == [
        (1.0, "happy", None),
        (2.0, "sad", "film begins"),
    ]
    button(page, "Delete").click().run()
    assert not page.download_button


def test_time_runs_from_the_press_of_start(page, streamer):
    waited(page, 11)
    streamer.connection = Connection(signalling=True)
    assert not page.run().warning
    assert time.monotonic() - page.session_state["live_waiting"][1] < 5


def test_a_moment_is_held_and_asked_about_while_the_stream_goes_on(page, streamer, recognizer, monkeypatch):
    monkeypatch.setattr(assets, "find", lambda asset: None)
    recognizer.artifact = Artifact(model_store.folder_of("quick"))
    assert button(page, "Hold this moment").disabled
    watch(page, streamer, reading(1, "happy"))
    stream = page.session_state["live_stream"]
    button(page, "Hold this moment").click().run()
    watch(page, streamer, reading(2, "sad"), time_s=1.0)
    assert "**1 happy 94 %**" in texts(page.markdown)
    assert "**2 sad 94 %**" not in texts(page.markdown)
    button(page, "Why?").click().run()
    assert not page.exception
    assert not page.error
    assert any("the more **happy** rests on it" in text for text in texts(page.markdown))
    assert page.session_state["live_stream"] is stream
    assert streamer.shown_with[0] is stream
    button(page, "Back to live").click().run()
    assert "**2 sad 94 %**" in texts(page.markdown)


def test_a_held_moment_outlives_the_stream(page, streamer):
    watch(page, streamer, reading(1, "happy"))
    button(page, "Hold this moment").click().run()
    page.session_state["live_stream"].end()
    streamer.connection = Connection()
    assert "**1 happy 94 %**" in texts(page.run().markdown)


def test_nobody_in_view_is_no_moment(page, streamer):
    watch(page, streamer)
    button(page, "Hold this moment").click().run()
    assert "no face in view" in page.toast[0].value
    assert button(page, "Hold this moment")
