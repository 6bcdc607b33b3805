"""Pool: things that only one thread at a time may use, lent to many threads."""

from __future__ import annotations

import queue
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Pool(Generic[T]):
    """Lends an idle thing or makes one more; there are never more than there were borrowers at once.

    Args:
        create: Makes one.
        close: Ends one. All idle ones are ended with the pool, at the latest when Python exits and while it still can.
    """

    def __init__(self, create: Callable[[], T], close: Callable[[T], None] = lambda _: None):
        self._create = create
        self._idle: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._idle.put(create())  # so that what cannot be made fails here, not at the first use
        weakref.finalize(self, _drain, self._idle, close)

    @contextmanager
    def borrow(self) -> Iterator[T]:
        """Have one to oneself inside the `with`."""
        try:
            thing = self._idle.get_nowait()
        except queue.Empty:
            thing = self._create()
        try:
            yield thing
        finally:
            self._idle.put(thing)


def _drain(idle: queue.SimpleQueue, close: Callable) -> None:
    while not idle.empty():
        close(idle.get_nowait())
