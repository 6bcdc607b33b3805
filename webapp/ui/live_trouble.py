"""Why no picture comes, and what still works."""

from typing import Literal

import streamlit as st

Route = Literal["local", "relayed", "direct"]
"""Browser and server on one machine, with a TURN server between them, or with nothing between them."""

PATIENCE_S = 10.0

_INSECURE = (
    "**This address is not secure.** Browsers open a camera only on `https://` pages and on `localhost`. "
    "Whoever runs this server finds in `docs/deploy.md` how to add HTTPS."
)
_NO_OFFER = (
    "**Pressed Start, and nothing happens?** The browser may be waiting for your permission: look for a camera in the "
    "address bar and allow it. Also see that no other program is using the camera."
)
_BLOCKED: dict[Route, str] = {
    "local": "**The picture does not get through**, although browser and server are one machine: "
    "the browser, an extension or a firewall may block WebRTC.",
    "direct": "**The picture does not get through.** This server names no TURN server, and without one most firewalls "
    "and mobile networks block the way. Whoever runs it finds in `docs/deploy.md` how to add one.",
    "relayed": "**The picture does not get through.** The TURN server may be unreachable or refuse its password, "
    "or your network blocks it; another network may help.",
}
_NO_FRAMES = (
    "**Connected, but no picture comes.** See that no other program is using the camera, or choose another one below "
    "the picture."
)


def diagnose(waited_s: float, *, secure: bool, signalling: bool, playing: bool, route: Route) -> str | None:
    """What is likely wrong, in a few sentences; None while there is still hope.

    Args:
        waited_s: Seconds since the page offered the camera, or since Start was pressed.
        secure: Whether the browser may open a camera at this address at all.
        signalling: Whether the browser has a camera and asks for a connection.
        playing: Whether the browser says that it is connected.
        route: What lies between the browser and this server.
    """
    if not secure:
        return _INSECURE
    if waited_s < PATIENCE_S:
        return None
    if playing:
        return _NO_FRAMES
    if signalling:
        return _BLOCKED[route]
    return _NO_OFFER


def show_trouble(text: str, *, camera: bool) -> None:
    """The diagnosis, and the pages that work without a stream."""
    st.warning(text, icon=":material/videocam_off:")
    works = "an uploaded photo, or a snapshot with the camera" if camera else "an uploaded photo"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"What still works: {works}.")
        st.page_link("screens/photo.py", label="Go to Photo", icon=":material/photo_camera:")
