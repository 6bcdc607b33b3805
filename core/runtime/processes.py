"""Work spread over processes: of this machine, or of a Dask cluster."""

from __future__ import annotations

import importlib.util
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from typing import TypeVar

from ..errors import MienError
from .paths import INSTALLED

T = TypeVar("T")
R = TypeVar("R")

_DASK = '"dask[distributed]"'

_has_begun = threading.Event()  # in a worker

_AHEAD = 8
"""Number of tasks for each process that are done before the first result is taken: joblib does not wait for that, and
the results of a whole folder would fill the memory behind one task that takes long."""


def in_order(
    function: Callable[[T], R], tasks: Iterable[T], jobs: int | None = None, dask: str | None = None
) -> Iterator[R]:
    """Call a function with each task, in several processes, and yield the results in the order of the tasks.

    Tasks are taken, and results held, a few at a time, so that memory does not grow with their number.

    Args:
        function: A function of a module; it and its argument travel to another process.
        tasks: The arguments.
        jobs: Number of processes, 1 for this one; None for one on each processor core. Without effect with `dask`.
        dask: Address of a Dask scheduler whose workers call the function instead.

    Raises:
        MienError: A library that this needs is not installed, no scheduler answers at that address, or a process ended.

    Examples:
        >>> list(in_order(len, ["one", "three"], jobs=1))
        [3, 5]
    """
    if jobs == 1 and dask is None:
        yield from map(function, tasks)
        return
    with spread(dask):
        import joblib

        parallel = joblib.Parallel(n_jobs=jobs or -1, return_as="generator")
        some = _AHEAD * joblib.effective_n_jobs(jobs or -1) - 1
        tasks = iter(tasks)
        try:
            # Whoever leaves early, after Ctrl-C, knows that he does.
            warnings.filterwarnings("ignore", ".* tasks which were still being processed", UserWarning)
            for task in tasks:
                yield from parallel(joblib.delayed(function)(each) for each in chain((task,), islice(tasks, some)))
        except BrokenProcessPool:
            raise MienError("one of the processes was ended, perhaps for lack of memory; try fewer --jobs") from None


def is_possible() -> bool:
    """Whether the library is installed that starts processes on this machine."""
    return importlib.util.find_spec("joblib") is not None


@contextmanager
def spread(dask: str | None = None) -> Iterator[None]:
    """Let joblib run in processes of this machine inside the block, or on the workers of a Dask cluster.

    Args:
        dask: Address of a Dask scheduler; None for this machine.

    Raises:
        MienError: joblib or Dask is not installed, or no scheduler answers at that address.
    """
    if not is_possible():
        raise MienError(f"several processes need the library joblib: pip install {_package('joblib', 'jobs')}")
    import joblib

    if dask is None:
        with joblib.parallel_config("loky", initializer=_begin_worker, initargs=(os.getpid(),)):
            yield
        return
    try:
        from dask.distributed import Client
    except ImportError:
        raise MienError(f"--dask needs the library Dask: pip install {_package(_DASK, 'dask')}") from None
    try:
        client = Client(dask, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise MienError(
            f"--dask {dask}: no scheduler answers there ({error}); start one with `dask scheduler`"
        ) from None
    with client, joblib.parallel_config("dask", client=client):
        yield


def is_worker() -> bool:
    """Whether this process is one of several on this machine that do the tasks of `in_order`."""
    return _has_begun.is_set()


def _package(name: str, extra: str) -> str:
    return f'"mien[{extra}]"' if INSTALLED else name


def _begin_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end this worker when the parent is gone: a killed one cannot tell it."""
    _has_begun.set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
