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
        close: Closes an object. The idle ones are closed with the pool, at the latest when Python exits.

    Examples:
        >>> with Pool(dict).borrow() as mine:
        ...     mine
        {}
    """

    def __init__(self, create: Callable[[], T], close: Callable[[T], None] = lambda _: None):
        self._create = create
        self._idle: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._idle.put(create())
        weakref.finalize(self, _drain, self._idle, close).atexit = False  # _close_all does it then
        self._close = close
        _POOLS.add(self)

    @contextmanager
    def borrow(self) -> Iterator[T]:
        """Lend an object for the time of a `with` block."""
        try:
            borrowed = self._idle.get_nowait()
        except queue.Empty:
            borrowed = self._create()
        try:
            yield borrowed
        finally:
            self._idle.put(borrowed)


def _drain(idle: queue.SimpleQueue, close: Callable) -> None:
    while not idle.empty():
        close(idle.get_nowait())


def _close_all() -> None:
    for pool in list(_POOLS):
        _drain(pool._idle, pool._close)


# Registered before MediaPipe is imported and so run after MediaPipe's own exit hook: ending a task earlier, or leaving
# it to the garbage collector, prints a traceback at exit.
_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()
atexit.register(_close_all)
