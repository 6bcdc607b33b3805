"""The live page, put together: one stream for each viewer, no more at once than the server carries."""

import streamlit as st

from core.errors import MienError
from webapp import mode
from webapp.ui import (
    live_baseline,
    live_controls,
    live_faces,
    live_ice,
    live_moment,
    live_recorder,
    live_slots,
    live_status,
)
from webapp.ui import live_streamer as streamer
from webapp.ui.live_stream import LiveStream


def prepare() -> LiveStream:
    """The viewer's own stream, with the settings chosen in the sidebar; stops the page where it cannot be had."""
    try:
        stream = _of_viewer()
        live_controls.apply(stream)
    except MienError as error:
        _stop(error)
    return stream


def show(stream: LiveStream) -> None:
    """The picture and what is read from it."""
    try:
        ice_servers = live_ice.servers(st.context.url or "")
        admitted = _admit(stream)
    except MienError as error:
        _stop(error)
    if not admitted:
        _full()
        return
    picture, faces = st.columns([3, 2], gap="medium")
    with picture:
        connection = streamer.show(stream, ice_servers)
        running = connection.wanted
        _fragment(live_status.show, live_status.REFRESH_S, stream, connection, ice_servers)
        _fragment(live_baseline.show_baseline, live_baseline.BASELINE_REFRESH_S if running else None, stream)
    with faces:
        if moment := live_moment.held():
            live_moment.show_moment(moment)
        else:
            live_moment.offer(stream, running)
            _fragment(live_faces.show, live_faces.REFRESH_S if running else None, stream)
    _fragment(live_recorder.show_recorder, live_recorder.RECORDER_REFRESH_S if running else None, stream)


def _fragment(part, refresh_s: float | None, *arguments) -> None:
    """Let a part of the page draw itself again and again, while the rest stands still."""
    st.fragment(part, run_every=refresh_s)(*arguments)


def _of_viewer() -> LiveStream:
    slots = live_slots.of_server()
    if "live_stream" not in st.session_state:
        st.session_state["live_stream"] = LiveStream(on_frame=slots.keep, on_end=slots.release)
    return st.session_state["live_stream"]


def _admit(stream: LiveStream) -> bool:
    """Whether the server has room; whoever pressed Start holds a place from then on."""
    slots, limit = live_slots.of_server(), mode.max_live()
    return (slots.take if streamer.connection().wanted else slots.has_room)(stream, limit)


def _full() -> None:
    st.info(
        "**All places are taken.** This server carries a limited number of live streams, so that each runs smoothly. "
        "One is free as soon as somebody stops.",
        icon=":material/hourglass_empty:",
    )
    with st.container(horizontal=True):
        st.button("Try again", type="primary", icon=":material/refresh:")
        st.page_link("screens/photo.py", label="Read a photo meanwhile", icon=":material/photo_camera:")


def _stop(error: MienError) -> None:
    st.error(str(error), icon=":material/error:")
    st.stop()
