"""Pool: objects that only one thread at a time may use, lent to many threads; and the threads that share work.

Both outlive a fork: a child process has none of its parent's threads, neither these nor those that an interpreter or a
MediaPipe task started for itself, so it begins with new ones and leaves the parent's objects alone.
"""

from __future__ import annotations

import atexit
import functools
import os
import queue
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
        self._create, self._close = create, close
        self._hold()
        self._idle.put(create())
        _POOLS.add(self)

    def _hold(self) -> None:
        self._idle: queue.SimpleQueue[T] = queue.SimpleQueue()
        # The garbage collector may run this anywhere, also inside MediaPipe while it holds the lock that closing takes.
        self._at_end = weakref.finalize(self, _discard, self._idle, self._close)
        self._at_end.atexit = False  # _close_all does it then

    def _begin_child(self) -> None:
        """Forget the parent's objects; even freeing one may wait for a thread that is not there."""
        self._at_end.detach()
        _OF_PARENT.append(self._idle)
        self._hold()

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


@functools.cache
def workers() -> ThreadPoolExecutor:
    """The threads of this process among which the parts of one picture are shared, one for each processor core.

    What runs in one of them must not wait for another of them.
    """
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="mien")


def _drain(idle: queue.SimpleQueue, close: Callable) -> None:
    while True:
        try:
            close(idle.get_nowait())
        except queue.Empty:
            return


def _discard(idle: queue.SimpleQueue, close: Callable) -> None:
    _DISCARDED.put((idle, close))


def _close_discarded() -> None:
    _drain(_DISCARDED, lambda gone: _drain(*gone))


def _begin_child() -> None:
    """In a process that was just forked: forget the parent's threads and all that may wait for one."""
    global _DISCARDED
    workers.cache_clear()
    _OF_PARENT.append(_DISCARDED)
    _DISCARDED = queue.SimpleQueue()
    for pool in list(_POOLS):
        pool._begin_child()


def _close_all() -> None:
    _close_discarded()
    for pool in list(_POOLS):
        _drain(pool._idle, pool._close)


# Registered before MediaPipe is imported and so run after MediaPipe's own exit hook: ending a task earlier, or leaving
# it to the garbage collector, prints a traceback at exit.
_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()
_DISCARDED: queue.SimpleQueue[tuple[queue.SimpleQueue, Callable]] = queue.SimpleQueue()
"""The idle objects of pools that are gone, and how to close them."""
_OF_PARENT: list[queue.SimpleQueue] = []
"""What a forked process inherited and must neither use nor free."""
atexit.register(_close_all)
if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_begin_child)
