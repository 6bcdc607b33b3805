"""The live page without a camera: the streamer is replaced, and what it would report is made up."""

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
        self.presses = []

    def show(self, stream, ice_servers):
        self.shown_with = (stream, ice_servers)
        return self.connection


@pytest.fixture
def streamer(monkeypatch, recognizer):
    streamer = Streamer()
    monkeypatch.setattr(connection, "show", streamer.show)
    monkeypatch.setattr(connection, "connection", lambda: streamer.connection)
    monkeypatch.setattr(connection, "start", lambda: streamer.presses.append("start"))
    monkeypatch.setattr(connection, "stop", lambda: streamer.presses.append("stop"))
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


BAR = ["Start", "Hold", "Baseline", "Record"]


def test_before_the_start(page, stream, streamer):
    assert streamer.shown_with == (stream, [])
    assert page.says("as soon as the camera runs", "info")
    assert [button.label for button in page.button][:4] == BAR
    assert [page.the("button", name).disabled for name in BAR] == [False, True, True, True]
    assert not page.warning


def test_one_button_starts_and_stops(page, streamer, watch, reading):
    page.press("Start")
    streamer.connection = Connection(pressed_s=0.5)
    assert page.run().the("button", "Stop")  # at once, though the browser has not answered
    streamer.connection = Connection(pressed_s=3.0)
    assert page.run().the("button", "Start")  # it may have refused
    watch(reading("happy", 1)).press("Stop")
    assert streamer.presses == ["start", "stop"]


def test_faces_with_bars_and_their_last_minute(page, watch, reading):
    watch(reading("happy", 1), reading("sad", 4))
    (board,) = boards(page)
    assert board.index("Face 1: happy, 94%") < board.index("Face 4: sad, 94%")
    assert board.count("<svg") == 2
    assert board.count("class='legend'") == 1
    assert page.says("10 frames per second", "caption")
    assert "Turn to the camera" in board


def boards(page):
    """The HTML of the faces on the page."""
    return [text for text in page.texts("markdown") if "live-faces" in text]


def test_a_face_gets_a_card_once_it_was_seen_for_a_moment(page, watch, reading):
    for moment in range(4):
        watch(reading("happy", 1), time_s=float(moment))
    watch(reading("happy", 1), reading("sad", 4), time_s=4.0)
    assert "Face 4" not in boards(page)[0]
    for moment in (5.0, 6.0):
        watch(reading("happy", 1), reading("sad", 4), time_s=moment)
    assert "Face 4: sad, 94%" in boards(page)[0]


def test_a_face_that_leaves_keeps_its_place_for_a_while(page, watch, reading):
    for moment in (0.0, 1.0, 2.0):
        watch(reading("happy", 1), reading("sad", 4), time_s=moment)
    watch(reading("sad", 4), time_s=3.0)
    (board,) = boards(page)
    assert board.index("<strong>Face 1</strong> <small>not in view") < board.index("Face 4: sad")
    watch(reading("sad", 4), time_s=10.0)
    assert "Face 1" not in boards(page)[0]


def test_more_than_two_faces_get_a_line_each(page, watch, reading):
    watch(*(reading("sad", number) for number in range(1, 8)))
    (board,) = boards(page)
    assert board.count("class='one-line'") == board.count("<img") == board.count("<svg") == 7
    assert "class='bars'" not in board
    for moment in (1.0, 2.0, 3.0):
        watch(*(reading("sad", number) for number in range(1, 20)), time_s=moment)
    assert "7 more" in boards(page)[0]


def test_no_face_is_no_error(page, watch, reading):
    for moment in (0.0, 0.3, 0.6):
        watch(reading("happy", 1), time_s=moment)
    watch(time_s=1.0)
    assert page.says("No face in view", "info")
    assert page.says("not in view", "markdown")
    watch(time_s=30.0)
    assert not boards(page)
    assert not page.warning


def test_frames_that_failed_are_said_once(page, stream, watch, reading):
    stream.failures, stream.failure = 312, "The mesh is missing."
    watch(reading("happy", 1))
    (warning,) = page.texts("warning")
    assert "312" in warning
    assert "The mesh is missing." in warning


def test_ten_seconds_without_a_camera_and_without_a_connection(page, streamer):
    streamer.connection = Connection(pressed_s=3.0)
    assert page.run().says("allow it", "caption")
    assert not page.warning
    streamer.connection = Connection(pressed_s=11.0)
    assert "permission" in page.run().warning[0].value
    streamer.connection = Connection(signalling=True, pressed_s=9.0)
    assert not page.run().warning
    streamer.connection = Connection(signalling=True, pressed_s=11.0)
    assert "does not get through" in page.run().warning[0].value
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
    page.segmented_control[0].set_value("On")
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
    watch(*faces).press("Baseline")
    assert taken == {1: 0.3, 4: 0.3}
    assert page.get("progress")
    del taken[1]
    taken[4] = 1.0
    assert watch(*faces).says("Face 4: Baseline on", "markdown")
    page.press("Remove")
    assert taken == {}
    watch().press("Baseline")
    assert "no face" in page.toast[0].value


def test_a_recording(page, stream, watch, reading):
    watch(reading("happy", 1)).press("Record")
    watch(reading("happy", 1), time_s=1.0)
    page.text_input[0].set_value("film begins")
    page.press("Mark")
    assert page.says("film begins", "caption")
    watch(reading("sad", 1), time_s=2.0).press("Stop recording")
    assert page.says("2 rows", "markdown")
    assert [button.label for button in page.download_button] == ["CSV", "Parquet", "JSON Lines"]
    rows = [(row["time_s"], row["label"], row["event"]) for row in stream.recording.rows()]
    assert rows == [(1.0, "happy", None), (2.0, "sad", "film begins")]
    assert stream.recording.marks() == [(2.0, "film begins")]
    assert page.says("What was recorded", "subheader")
    assert len(page.charts) == 1
    assert not page.press("Delete").download_button
    assert not page.charts


def test_a_moment_is_held_and_asked_about_while_the_stream_goes_on(
    page, stream, streamer, watch, reading, recognizer, monkeypatch
):
    monkeypatch.setattr(assets, "find", lambda asset: None)
    recognizer.artifact = Artifact(model_store.folder_of("quick"))
    watch(reading("happy", 1)).press("Hold")
    for moment in (1.0, 2.0, 3.0):
        watch(reading("sad", 2), time_s=moment)
    assert page.says("Face 1: happy, 94%", "markdown")
    assert not page.says("Face 2", "markdown")
    page.press("Why?")
    assert not page.error
    assert page.says("more **happy** rests on it", "markdown")
    assert streamer.shown_with[0] is stream
    page.press("Back to live")
    assert page.says("Face 2: sad, 94%", "markdown")


def test_a_held_moment_outlives_the_stream(page, stream, streamer, watch, reading):
    watch(reading("happy", 1)).press("Hold")
    stream.end()
    streamer.connection = Connection()
    assert page.run().says("Face 1: happy, 94%", "markdown")


def test_nobody_in_view_is_no_moment(page, watch):
    watch().press("Hold")
    assert "no face" in page.toast[0].value
    assert page.the("button", "Hold")
