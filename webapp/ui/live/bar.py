"""The bar under the picture: start and stop, hold, baseline, record, and the settings."""

import streamlit as st

from core.streams.session import SessionOptions
from webapp.ui.live import connection, faces, panels
from webapp.ui.live.connection import Connection
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import engine

_INTERVALS = (0.0, 0.5, 1.0, 2.0, 5.0)
_DEFAULTS = SessionOptions()
_PRIORS = {"Off": False, "On": True}


def show(stream: LiveStream, now: Connection) -> None:
    """Show the bar, and give the settings to the stream for the next frame on.

    Raises:
        MienError: The chosen model cannot be loaded.
    """
    with st.container(horizontal=True, gap="small", key="live-bar"):
        _start(now)
        _hold(stream, now)
        st.button(
            "Baseline",
            key="live-baseline",
            on_click=panels.take_baselines,
            args=(stream,),
            icon=":material/self_improvement:",
            disabled=not now.wanted,
            help="Faces differ at rest: some look stern or sad to a model. Look neutral for three seconds: that shows "
            "the model the difference, and your other expressions are read much better from then on.",
        )
        _record(stream, now)
        with st.popover("Settings", icon=":material/tune:", key="live-settings"):
            _settings(stream)


def _start(now: Connection) -> None:
    on = now.wanted or now.starting
    st.button(
        "Stop" if on else "Start",
        key="live-start",  # the same for both, so that the keyboard stays where it is
        on_click=connection.stop if on else connection.start,
        icon=":material/stop:" if on else ":material/play_arrow:",
        type="secondary" if on else "primary",
    )


# A button keeps its key and has a help in both of its states, so that the keyboard's focus stays on it.


def _hold(stream: LiveStream, now: Connection) -> None:
    if faces.held():
        st.button(
            "Back to live",
            key="live-hold",
            on_click=faces.let_go,
            icon=":material/fast_forward:",
            type="primary",
            help="Shows what is read now.",
        )
        return
    st.button(
        "Hold",
        key="live-hold",
        on_click=faces.hold,
        args=(stream,),
        icon=":material/pause:",
        disabled=not now.wanted,
        help="Keeps what is read right now, so that you can ask why. The camera goes on.",
    )


def _record(stream: LiveStream, now: Connection) -> None:
    recording = stream.recording
    if recording.running:
        st.button(
            "Stop recording",
            key="live-record",
            on_click=recording.stop,
            icon=":material/stop_circle:",
            type="primary",
            help="Ends the recording, and offers it as files.",
        )
        return
    st.button(
        "Record",
        key="live-record",
        on_click=panels.start_recording,
        args=(stream,),
        icon=":material/radio_button_checked:",
        disabled=not now.wanted,
        help="A row for each face and frame: when, where, which expression. Pictures are never stored.",
    )


def _settings(stream: LiveStream) -> None:
    stream.recognizer = engine.recognizer(engine.choose_model())
    every_s = st.select_slider("Read expressions", _INTERVALS, format_func=_interval)
    smoothing_s = st.slider(
        "Smoothing",
        *(0.0, 3.0, _DEFAULTS.smoothing_s, 0.1),
        format="%.1f s",
        help="How slowly the bars follow the face. At 0 each picture is read by itself.",
    )
    prior = st.segmented_control(
        "Correct for rare expressions",
        list(_PRIORS),
        default="Off",
        required=True,
        help="Some expressions were rare among the pictures that the model learned from, and it answers them less "
        "often. **On** corrects for that: it finds rare expressions more often, and is wrong a little more often "
        "overall. An expression that it was never taught it does not find either way.",
    )
    mesh = st.toggle("Show the face mesh", help="The points on every face, and how the head is turned.")
    stream.mirror = st.toggle("Mirror the picture", value=True)
    stream.options = SessionOptions(smoothing_s, every_s, _PRIORS[prior], mesh)


def _interval(seconds: float) -> str:
    return f"every {seconds:g} seconds" if seconds else "in every frame"
