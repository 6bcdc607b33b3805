"""The live page, put together: one stream for each viewer, no more at once than the server carries."""

import streamlit as st

from core.errors import MienError
from webapp.ui.live import connection, faces, ice_servers, panels, slots, status
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import deployment


def prepare() -> LiveStream:
    """The viewer's own stream, with the settings chosen in the sidebar; stops the page where it cannot be had."""
    try:
        stream = _of_viewer()
        panels.apply(stream)
    except MienError as error:
        _stop(error)
    return stream


def show(stream: LiveStream) -> None:
    """The picture and what is read from it."""
    try:
        relays = ice_servers.servers(st.context.url or "")
        admitted = _admit(stream)
    except MienError as error:
        _stop(error)
    if not admitted:
        _full()
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        connected = connection.show(stream, relays)
        running = connected.wanted
        _fragment(status.show, status.REFRESH_S, stream, connected, relays)
        _fragment(panels.show_baseline, panels.BASELINE_REFRESH_S if running else None, stream)
    with right:
        if moment := faces.held():
            faces.show_moment(moment)
        else:
            faces.offer(stream, running)
            _fragment(faces.show, faces.REFRESH_S if running else None, stream)
    _fragment(panels.show_recorder, panels.RECORDER_REFRESH_S if running else None, stream)


def _fragment(part, refresh_s: float | None, *arguments) -> None:
    """Let a part of the page draw itself again and again, while the rest stands still."""
    st.fragment(part, run_every=refresh_s)(*arguments)


def _of_viewer() -> LiveStream:
    if "live_stream" not in st.session_state:
        places = slots.of_server()
        st.session_state["live_stream"] = LiveStream(on_frame=places.keep, on_end=places.release)
    return st.session_state["live_stream"]


def _admit(stream: LiveStream) -> bool:
    """Whether the server has room; whoever pressed Start holds a place from then on."""
    places, limit = slots.of_server(), deployment.max_live()
    return (places.take if connection.connection().wanted else places.has_room)(stream, limit)


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
