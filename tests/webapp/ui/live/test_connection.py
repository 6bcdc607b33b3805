"""What Start and Stop ask of the browser; streamlit-webrtc is replaced."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit_webrtc.component import generate_frontend_component_key

from webapp.ui.live import connection
from webapp.ui.live.stream import LiveStream


class Streamer:
    """Stands for streamlit-webrtc: keeps what it was asked for, and reports what a test says."""

    def __init__(self):
        self.playing, self.loaded, self.asked = False, True, []

    def __call__(self, key, *, desired_playing_state, **_):
        self.asked.append(desired_playing_state)
        if self.loaded:
            st.session_state[generate_frontend_component_key(key)] = {"playing": self.playing}
        st.session_state[key] = SimpleNamespace(state=SimpleNamespace(playing=self.playing, signalling=False))


@pytest.fixture
def streamer(monkeypatch):
    streamer = Streamer()
    monkeypatch.setattr("streamlit_webrtc.webrtc_streamer", streamer)
    monkeypatch.setattr(st, "session_state", {})
    return streamer


def test_start_is_passed_on_until_the_browser_has_a_camera_and_no_longer(streamer):
    connection.show(LiveStream(), [])
    connection.show(LiveStream(), [])
    connection.start()
    assert connection.connection().starting
    connection.show(LiveStream(), [])
    streamer.playing = True
    connection.show(LiveStream(), [])
    assert not connection.show(LiveStream(), []).starting
    connection.stop()
    connection.show(LiveStream(), [])
    # Neither true nor false: true would ask for a camera again as soon as the stream ends.
    assert streamer.asked == [False, False, True, True, "as it is", False]


def test_start_is_passed_on_for_two_seconds_only(streamer, monkeypatch):
    """A browser that refuses its camera says nothing to the server, and would be asked again and again."""
    now = [100.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: now[0])
    connection.show(LiveStream(), [])
    connection.show(LiveStream(), [])
    connection.start()
    connection.show(LiveStream(), [])
    now[0] += 3
    assert connection.show(LiveStream(), []).pressed_s == 3
    assert streamer.asked == [False, False, True, "as it is"]


def test_a_connection_that_ends_is_not_waited_for(streamer):
    connection.show(LiveStream(), [])
    connection.show(LiveStream(), [])
    connection.start()
    streamer.playing = True
    assert connection.show(LiveStream(), []).wanted
    streamer.playing = False
    assert connection.show(LiveStream(), []) == connection.Connection()


def test_start_waits_for_a_component_that_is_still_loading(streamer, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: now[0])
    streamer.loaded = False
    connection.show(LiveStream(), [])
    connection.start()
    for streamer.loaded in (False, True, True):
        now[0] += 5
        connection.show(LiveStream(), [])
    assert streamer.asked == [False, True, True, True]
    connection.show(LiveStream(), [])
    now[0] += 5
    connection.show(LiveStream(), [])
    assert streamer.asked[-1] == "as it is"
