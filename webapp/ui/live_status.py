"""How the stream is doing: its pace, what failed, and why no picture comes."""

import time

import streamlit as st

from webapp.ui import live_ice, live_trouble
from webapp.ui.live_stream import LiveStream
from webapp.ui.live_streamer import Connection

REFRESH_S = 0.5


def show(stream: LiveStream, connection: Connection, ice_servers: list[dict]) -> None:
    """A line below the picture; a warning instead where there is something to warn of."""
    waited_s = _waited(connection.wanted)
    if stream.failures:
        st.warning(
            f"{stream.failures} frames could not be read and are shown as they came. {stream.failure}",
            icon=":material/warning:",
        )
    elif pace := stream.meter.pace():
        st.caption(
            f"{pace.frames_a_second:.0f} frames a second · {pace.median_ms:.0f} ms a frame (median), "
            f"{pace.p95_ms:.0f} ms (95th percentile)"
        )
    else:
        _no_picture(connection, ice_servers, waited_s)


def _no_picture(connection: Connection, ice_servers: list[dict], waited_s: float) -> None:
    page = st.context.url or ""
    secure = page.startswith("https:") or live_ice.is_local(page)
    route = "local" if live_ice.is_local(page) else "relayed" if live_ice.has_relay(ice_servers) else "direct"
    text = live_trouble.diagnose(
        waited_s, secure=secure, signalling=connection.signalling, playing=connection.playing, route=route
    )
    if text:
        live_trouble.show_trouble(text, camera=secure)
    elif connection.wanted:
        st.caption(":material/hourglass_empty: Connecting …")
    else:
        st.caption("Press **Start**. The browser then asks for the camera.")


def _waited(wanted: bool) -> float:
    """Seconds since the page was shown or, once Start was pressed, since then."""
    began = st.session_state.get("live_waiting")
    if began is None or began[0] != wanted:
        began = st.session_state["live_waiting"] = (wanted, time.monotonic())
    return time.monotonic() - began[1]
