"""Pool: objects that only one thread at a time may use, lent to many threads."""

from __future__ import annotations

import atexit
import queue
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Pool(Generic[T]):
    """Lends an idle object or creates one more; there are never more than there were borrowers at once.

    Args:
        create: Creates an object; called once at the start, so that what cannot be created fails here.
        close: Closes an object. The idle ones of a pool that is no longer used are closed when any pool is next used,
            at the latest when Python exits.

    Examples:
        >>> with Pool(dict).borrow() as mine:
        ...     mine
        {}
    """

    def __init__(self, create: Callable[[], T], close: Callable[[T], None] = lambda _: None):
        _close_discarded()
        self._create = create
        self._idle: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._idle.put(create())
        # The garbage collector may run this anywhere, also inside MediaPipe while it holds the lock that closing takes.
        weakref.finalize(self, _DISCARDED.put, (self._idle, close)).atexit = False  # _close_all does it then
        self._close = close
        _POOLS.add(self)

    @contextmanager
    def borrow(self) -> Iterator[T]:
        """Lend an object for the time of a `with` block."""
        _close_discarded()
        try:
            borrowed = self._idle.get_nowait()
        except queue.Empty:
            borrowed = self._create()
        try:
            yield borrowed
        finally:
            self._idle.put(borrowed)


def _drain(idle: queue.SimpleQueue, close: Callable) -> None:
    while True:
        try:
            close(idle.get_nowait())
        except queue.Empty:
            return


def _close_discarded() -> None:
    _drain(_DISCARDED, lambda gone: _drain(*gone))


def _close_all() -> None:
    _close_discarded()
    for pool in list(_POOLS):
        _drain(pool._idle, pool._close)


# Registered before MediaPipe is imported and so run after MediaPipe's own exit hook: ending a task earlier, or leaving
# it to the garbage collector, prints a traceback at exit.
_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()
_DISCARDED: queue.SimpleQueue[tuple[queue.SimpleQueue, Callable]] = queue.SimpleQueue()
"""The idle objects of pools that are gone, and how to close them."""
atexit.register(_close_all)
