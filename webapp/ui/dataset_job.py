"""Work that takes longer than a page should: a thread that says how far it is. No Streamlit here."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from core.errors import MienError

Progress = Callable[[int, int | None], None]

_LOG = logging.getLogger(__name__)


class _Cancelled(Exception):
    pass


class Job:
    """One piece of work, begun at once.

    Attributes:
        done: How much of it is done, in its own units.
        total: How much there is; None where nobody knows.
        result: What came of it.
        error: Why nothing did, else None.

    Args:
        work: Takes what is to be called with `done` and `total`, and gives the result.
    """

    def __init__(self, work: Callable[[Progress], Any]) -> None:
        self.done, self.total = 0, None
        self.result: Any = None
        self.error: str | None = None
        self._cancelled = threading.Event()
        # A daemon, so that Ctrl-C ends the server without waiting for it.
        self._thread = threading.Thread(target=self._run, args=(work,), name="dataset", daemon=True)
        self._thread.start()

    def is_over(self, wait_s: float = 0.0) -> bool:
        """Whether it has ended, within some seconds."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to end; nothing comes of it."""
        self._cancelled.set()

    def _run(self, work: Callable[[Progress], Any]) -> None:
        try:
            self.result = work(self._progress)
        except _Cancelled:
            self.error = "Cancelled; nothing was written."
        except MienError as error:
            self.error = str(error)
        except Exception:
            self.error = "This failed because of a fault in Mien; the server's log tells more."
            _LOG.exception("a job on a dataset failed")

    def _progress(self, done: int, total: int | None) -> None:
        if self._cancelled.is_set():
            raise _Cancelled
        self.done, self.total = done, total
