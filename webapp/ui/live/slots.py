"""Slots: how many live streams one server carries at once."""

import threading
import time
import weakref
from collections.abc import Callable, Hashable

import streamlit as st

EXPIRES_S = 30.0
"""A holder that shows no sign of life for so long has lost its slot: its browser is gone."""


class Slots:
    """Lends a number of slots; a holder keeps its own by taking it again and again.

    Args:
        now: The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic):
        self._now = now
        self._lock = threading.Lock()
        self._seen: weakref.WeakKeyDictionary[Hashable, float] = weakref.WeakKeyDictionary()

    def take(self, holder: Hashable, limit: int) -> bool:
        """Have a slot, or keep it; False where all are taken by others."""
        with self._lock:
            self._drop_expired()
            if holder not in self._seen and len(self._seen) >= limit:
                return False
            self._seen[holder] = self._now()
            return True

    def has_room(self, holder: Hashable, limit: int) -> bool:
        """Whether `take` would succeed."""
        with self._lock:
            self._drop_expired()
            return holder in self._seen or len(self._seen) < limit

    def keep(self, holder: Hashable) -> None:
        """Show a sign of life."""
        with self._lock:
            self._seen[holder] = self._now()

    def release(self, holder: Hashable) -> None:
        """Give the slot back; nothing happens where there is none."""
        with self._lock:
            self._seen.pop(holder, None)

    def _drop_expired(self) -> None:
        for holder in [holder for holder, seen in self._seen.items() if self._now() - seen > EXPIRES_S]:
            del self._seen[holder]


@st.cache_resource
def of_server() -> Slots:
    """The slots that all visitors share."""
    return Slots()
