"""Places: one live stream for each viewer, and no more at once than the server can carry."""

import threading
import time
import weakref
from collections.abc import Callable, Hashable

import streamlit as st

from webapp.ui.live import connection
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import deployment

EXPIRES_S = 30.0
"""A stream that shows no sign of life for so many seconds loses its place, because its browser is gone."""


class Places:
    """Lends a limited number of places; a stream keeps its place by asking for it again and again.

    Args:
        now: The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic):
        self._now = now
        self._lock = threading.Lock()
        self._seen: weakref.WeakKeyDictionary[Hashable, float] = weakref.WeakKeyDictionary()

    def take(self, holder: Hashable, limit: int) -> bool:
        """Take a place, or keep it; returns False if others hold all of them."""
        with self._lock:
            self._drop_expired()
            if holder not in self._seen and len(self._seen) >= limit:
                return False
            self._seen[holder] = self._now()
            return True

    def has_room(self, holder: Hashable, limit: int) -> bool:
        """Return whether `take` would succeed."""
        with self._lock:
            self._drop_expired()
            return holder in self._seen or len(self._seen) < limit

    def keep(self, holder: Hashable) -> None:
        """Show a sign of life."""
        with self._lock:
            self._seen[holder] = self._now()

    def release(self, holder: Hashable) -> None:
        """Give the place back; does nothing if the holder has none."""
        with self._lock:
            self._seen.pop(holder, None)

    def _drop_expired(self) -> None:
        for holder in [holder for holder, seen in self._seen.items() if self._now() - seen > EXPIRES_S]:
            del self._seen[holder]


@st.cache_resource
def of_server() -> Places:
    """Return the places that all visitors of this server share."""
    return Places()


def stream_of_viewer() -> LiveStream:
    """Return the viewer's own stream, which lives as long as the session."""
    if "live_stream" not in st.session_state:
        places = of_server()
        st.session_state["live_stream"] = LiveStream(on_frame=places.keep, on_end=places.release)
    return st.session_state["live_stream"]


def admit(stream: LiveStream) -> bool:
    """Return whether the server has room; a viewer who has pressed Start holds a place from then on.

    Raises:
        SettingError: `MIEN_MAX_LIVE` is not a positive whole number.
    """
    places, limit = of_server(), deployment.max_live()
    return (places.take if connection.connection().wanted else places.has_room)(stream, limit)


def show_full() -> None:
    """Say that all places are taken, and offer what works without one."""
    st.info(
        "**All places are taken.** This server carries a limited number of live streams, so that each runs smoothly. "
        "A place is free as soon as somebody stops.",
        icon=":material/hourglass_empty:",
    )
    with st.container(horizontal=True):
        st.button("Try again", type="primary", icon=":material/refresh:")
        st.page_link("screens/photo.py", label="Read a photo meanwhile", icon=":material/photo_camera:")
