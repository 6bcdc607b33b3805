"""The live page without a camera: the streamer is replaced, and what it would report is made up."""

import time

import pytest

from core import model_store
from core.inference.artifact import Artifact
from core.readings import Frame
from core.runtime import assets
from core.streams.session import SessionOptions
from webapp.ui.live import connection, ice_servers, places, status
from webapp.ui.live.connection import Connection
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import engine


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
    monkeypatch.setattr(engine, "Recognizer", lambda model, cores: recognizer)
    return streamer


@pytest.fixture
def page(open_page, streamer):
    """The live page of a viewer who has agreed."""
    page = open_page("live")
    assert not streamer.shown_with
    page.checkbox[0].check()
    return page.run()


@pytest.fixture
def stream(page):
    return page.session_state["live_stream"]


@pytest.fixture
def watch(page, stream, streamer):
    """The page while the stream shows some readings."""

    def watched(*readings, time_s=0.0):
        stream.frame = Frame(640, 480, readings, 0, time_s)
        stream.history.add(stream.frame)
        stream.recording.add(stream.frame)
        for moment in (0.0, 0.1, 0.2):
            stream.meter.add(moment, moment + 0.012)
        streamer.connection = Connection(playing=True)
        return page.run()

    return watched


def waited(page, seconds):
    """The page after the viewer has waited for so long."""
    page.run()
    wanted, began = page.session_state["live_waiting"]
    page.session_state["live_waiting"] = (wanted, began - seconds)
    return page.run()


def test_before_the_start(page, stream, streamer):
    assert streamer.shown_with == (stream, [])
    assert page.says("as soon as the camera runs", "info")
    assert page.the("button", "Start recording").disabled
    assert page.the("button", "Hold this moment").disabled
    assert not page.warning


def test_faces_with_bars_and_their_last_minute(page, watch, reading):
    watch(reading("happy", 1), reading("sad", 4))
    assert "**Face 1: happy, 94%**" in page.texts("markdown")
    assert len(page.charts) == 4
    assert page.says("10 frames a second", "caption")
    assert page.says("Turn to the camera", "caption")


def test_a_face_gets_a_card_once_it_was_seen_for_a_moment(page, watch, reading):
    for moment in range(4):
        watch(reading("happy", 1), time_s=float(moment))
    watch(reading("happy", 1), reading("sad", 4), time_s=4.0)
    assert not page.says("**Face 4", "markdown")
    for moment in (5.0, 6.0):
        watch(reading("happy", 1), reading("sad", 4), time_s=moment)
    assert page.says("**Face 4: sad, 94%**", "markdown")


def test_no_face_is_no_error(page, watch, reading):
    watch(reading("happy", 1))
    watch(time_s=1.0)
    assert page.says("No face in view", "info")
    assert page.says("not in view", "markdown")
    watch(time_s=30.0)
    assert not page.charts
    assert not page.warning


def test_frames_that_failed_are_said_once(page, stream, watch, reading):
    stream.failures, stream.failure = 312, "The mesh is missing."
    watch(reading("happy", 1))
    (warning,) = page.texts("warning")
    assert "312" in warning
    assert "The mesh is missing." in warning


def test_ten_seconds_without_a_camera_and_without_a_connection(page, streamer):
    assert "permission" in waited(page, 11).warning[0].value
    streamer.connection = Connection(signalling=True)
    assert not page.run().warning  # time runs from the press of Start
    assert time.monotonic() - page.session_state["live_waiting"][1] < 5
    assert not waited(page, 8).warning
    assert "does not get through" in waited(page, 3).warning[0].value
    assert page.get("page_link")


def test_an_address_where_no_camera_opens(page, monkeypatch):
    monkeypatch.setattr(status, "is_local", lambda url: False)
    assert "https" in page.run().warning[0].value


def test_malformed_ice_servers(page, monkeypatch):
    monkeypatch.setattr(ice_servers, "is_local", lambda url: False)
    monkeypatch.setenv("MIEN_ICE_SERVERS", "turn:turn.example.org")
    assert "JSON" in page.run().error[0].value


def test_one_too_many_is_asked_to_wait(page, streamer, monkeypatch):
    monkeypatch.setenv("MIEN_MAX_LIVE", "1")
    other, lent = LiveStream(), places.of_server()
    assert lent.take(other, 1)
    streamer.shown_with = None
    for state in (Connection(), Connection(signalling=True)):
        streamer.connection = state
        assert page.run().says("All places are taken", "info")
        assert streamer.shown_with is None
    lent.release(other)
    page.press("Try again")
    assert streamer.shown_with
    assert not lent.take(other, 1)
    page.session_state["live_stream"].end()
    assert lent.has_room(other, 1)


def test_settings_reach_the_stream(page, stream):
    assert stream.options == SessionOptions()
    page.slider[0].set_value(1.5)
    page.select_slider[0].set_value(2.0)
    page.segmented_control[0].set_value("All equal")
    for toggle in page.toggle:
        toggle.set_value(not toggle.value)
    page.run()
    assert stream.options == SessionOptions(smoothing_s=1.5, every_s=2.0, flat_prior=True, mesh=True)
    assert not stream.mirror


def test_the_baseline_of_each_face(page, watch, reading, monkeypatch):
    taken = {}
    monkeypatch.setattr(LiveStream, "baseline", lambda self, number: taken.get(number))
    monkeypatch.setattr(LiveStream, "start_baseline", lambda self, number: taken.update({number: 0.3}))
    monkeypatch.setattr(LiveStream, "forget_baseline", lambda self, number: taken.pop(number))
    faces = (reading("happy", 1), reading("sad", 4))
    watch(*faces).press("Face 4: Take my neutral face")
    assert taken == {4: 0.3}
    assert page.get("progress")
    taken[4] = 1.0
    assert watch(*faces).says("Face 4: Baseline on", "markdown")
    page.press("Remove")
    assert taken == {}


def test_a_recording(page, stream, watch, reading):
    watch(reading("happy", 1)).press("Start recording")
    watch(reading("happy", 1), time_s=1.0)
    page.text_input[0].set_value("film begins")
    page.press("Mark")
    assert page.says("film begins", "caption")
    watch(reading("sad", 1), time_s=2.0).press("Stop recording")
    assert "2 rows" in page.texts("markdown")
    assert [button.label for button in page.download_button] == ["CSV", "Parquet", "JSON Lines"]
    rows = [(row["time_s"], row["label"], row["event"]) for row in stream.recording.rows()]
    assert rows == [(1.0, "happy", None), (2.0, "sad", "film begins")]
    assert stream.recording.marks() == [(2.0, "film begins")]
    assert not page.press("Delete").download_button


def test_a_moment_is_held_and_asked_about_while_the_stream_goes_on(
    page, stream, streamer, watch, reading, recognizer, monkeypatch
):
    monkeypatch.setattr(assets, "find", lambda asset: None)
    recognizer.artifact = Artifact(model_store.folder_of("quick"))
    watch(reading("happy", 1)).press("Hold this moment")
    for moment in (1.0, 2.0, 3.0):
        watch(reading("sad", 2), time_s=moment)
    assert "**Face 1: happy, 94%**" in page.texts("markdown")
    assert "**Face 2: sad, 94%**" not in page.texts("markdown")
    page.press("Why?")
    assert not page.error
    assert page.says("more **happy** rests on it", "markdown")
    assert streamer.shown_with[0] is stream
    page.press("Back to live")
    assert "**Face 2: sad, 94%**" in page.texts("markdown")


def test_a_held_moment_outlives_the_stream(page, stream, streamer, watch, reading):
    watch(reading("happy", 1)).press("Hold this moment")
    stream.end()
    streamer.connection = Connection()
    assert "**Face 1: happy, 94%**" in page.run().texts("markdown")


def test_nobody_in_view_is_no_moment(page, watch):
    watch().press("Hold this moment")
    assert "no face" in page.toast[0].value
    assert page.the("button", "Hold this moment")
