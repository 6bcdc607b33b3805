"""The status of a stream: its pace, what failed, and why no picture comes."""

from typing import Literal

import streamlit as st

from webapp.ui.live import connection
from webapp.ui.live.ice_servers import has_relay, is_local
from webapp.ui.live.stream import LiveStream

Route = Literal["local", "relayed", "direct"]
"""What lies between browser and server: nothing (one machine), a TURN server, or a direct connection."""

PATIENCE_S = 10.0

_INSECURE = (
    "**This address is not secure.** Browsers open a camera only on `https://` pages and on `localhost`. "
    "The operator of this server finds in `docs/deploy.md` how to add HTTPS."
)
_NO_OFFER = (
    "**The browser gives no camera.** It may be waiting for your permission, or has refused it: look for a camera in "
    "the address bar, allow it, and press Start again. Also see that no other program is using the camera."
)
_BLOCKED: dict[Route, str] = {
    "local": "**The picture does not get through**, although browser and server are on one machine: "
    "the browser, an extension or a firewall may block WebRTC.",
    "direct": "**The picture does not get through.** This server names no TURN server, and without one most firewalls "
    "and mobile networks block it. The operator of this server finds in `docs/deploy.md` how to add one.",
    "relayed": "**The picture does not get through.** The TURN server may be unreachable or refuse its password, "
    "or your network blocks it; another network may help.",
}
_NO_FRAMES = (
    "**Connected, but no picture comes.** See that no other program is using the camera, or choose another one below "
    "the picture."
)


def diagnose(waited_s: float | None, *, secure: bool, signalling: bool, playing: bool, route: Route) -> str | None:
    """Return what is likely wrong, in a few sentences; None while a picture may still come.

    Args:
        waited_s: Seconds since Start was pressed; None if it was not.
        secure: The browser may open a camera at this address.
        signalling: The browser has a camera and asks for a connection.
        playing: The browser says that it is connected.
        route: The kind of connection between the browser and this server.
    """
    if not secure:
        return _INSECURE
    if waited_s is None or waited_s < PATIENCE_S:
        return None
    if playing:
        return _NO_FRAMES
    if signalling:
        return _BLOCKED[route]
    return _NO_OFFER


def _show_trouble(text: str, *, camera: bool) -> None:
    st.warning(text, icon=":material/videocam_off:")
    works = "an uploaded photo, or a snapshot with the camera" if camera else "an uploaded photo"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"What still works: {works}.")
        st.page_link("screens/photo.py", label="Go to Photo", icon=":material/photo_camera:")


REFRESH_S = 0.5


def show(stream: LiveStream, ice_servers: list[dict]) -> None:
    """Show a line below the picture, or a warning with what is wrong."""
    connection.settle()
    if stream.failures:
        st.warning(
            f"{stream.failures} frames could not be read and are shown as they came. {stream.failure}",
            icon=":material/warning:",
        )
    elif pace := stream.meter.pace():
        st.caption(
            f"{pace.frames_a_second:.0f} frames per second · {pace.median_ms:.0f} milliseconds for a frame, "
            f"over {pace.p95_ms:.0f} for one in twenty"
        )
    else:
        _no_picture(connection.connection(), ice_servers)


def _no_picture(now: connection.Connection, ice_servers: list[dict]) -> None:
    page = st.context.url or ""
    secure = page.startswith("https:") or is_local(page)
    route = "local" if is_local(page) else "relayed" if has_relay(ice_servers) else "direct"
    text = diagnose(now.pressed_s, secure=secure, signalling=now.signalling, playing=now.playing, route=route)
    if text:
        _show_trouble(text, camera=secure)
    elif now.wanted:
        st.caption(":material/hourglass_empty: Connecting …")
    elif now.pressed_s is not None:
        st.caption(":material/hourglass_empty: The browser asks for the camera: allow it.")
    else:
        st.caption("Press **Start**. The browser then asks for the camera.")
