"""The Live page: a camera's picture, and its expressions as they change."""

from collections.abc import Callable

import streamlit as st

from core.inference import installed
from webapp.ui.live import bar, connection, faces, ice_servers, in_browser, panels, places, status
from webapp.ui.shared import messages


def redraw(part: Callable, every_s: float | None, *arguments) -> None:
    """Draw a part of the page, and again every so many seconds while the rest of the page stands still."""
    st.fragment(part, run_every=every_s)(*arguments)


st.title("Live")
st.markdown("Point a camera at yourself and see your expressions move, with figures that you can keep.")

if in_browser.is_chosen():
    in_browser.show()
    st.stop()

stream = places.stream_of_viewer()
with messages.stopping_at_errors():
    installed.default_model()  # there is one: the settings, where it is chosen, are out of sight at first
if not messages.camera_consent():
    st.stop()
with messages.stopping_at_errors():
    relays = ice_servers.servers(st.context.url or "")
    admitted = places.admit(stream)
if not admitted:
    places.show_full()
    st.stop()

left, right = st.columns([3, 2], gap="medium")
with left:
    now = connection.show(stream, relays)
    with messages.stopping_at_errors():
        bar.show(stream, now)
    redraw(status.show, status.REFRESH_S, stream, relays)
    redraw(panels.show_baseline, panels.BASELINE_REFRESH_S if now.wanted else None, stream)
    recording = stream.recording.running
    redraw(panels.show_recorder, panels.RECORDER_REFRESH_S if recording else None, stream, recording)
with right:
    if moment := faces.held():
        faces.show_moment(moment)
    else:
        redraw(faces.show, faces.REFRESH_S if now.wanted else None, stream)
panels.show_recorded(stream)
