"""Work that would keep a page waiting: a background thread that reports its progress, and the bar that shows it."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.errors import MienError
from webapp.ui.shared.messages import show_error

Progress = Callable[[int, int | None], None]

_LOG = logging.getLogger(__name__)


class _Cancelled(Exception):
    pass


class Job:
    """A piece of work that starts at once, in a thread of its own.

    Attributes:
        done: How much is done, in units of the work's own.
        total: How much there is to do; None if that is unknown.
        result: Return value of the work; None before it ends.
        error: Why the work failed, in a sentence; None if it did not.

    Args:
        work: Does the work and returns the result. It calls its argument with `done` and `total` as it goes on.
    """

    def __init__(self, work: Callable[[Progress], Any]) -> None:
        self.done, self.total = 0, None
        self.result: Any = None
        self.error: str | None = None
        self._cancelled = threading.Event()
        # A daemon, so that Ctrl-C stops the server without waiting for the work.
        self._thread = threading.Thread(target=self._run, args=(work,), name="background", daemon=True)
        self._thread.start()

    def is_over(self, wait_s: float = 0.0) -> bool:
        """Return whether the work has ended, after waiting for it no longer than `wait_s` seconds."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Stop the work at its next report of progress."""
        self._cancelled.set()

    def _run(self, work: Callable[[Progress], Any]) -> None:
        try:
            self.result = work(self._progress)
        except _Cancelled:
            self.error = "Cancelled; nothing was written."
        except MienError as error:
            self.error = str(error)
        except Exception:
            self.error = "This failed because of a fault in Mien; the server's log has the details."
            _LOG.exception("A background job failed")

    def _progress(self, done: int, total: int | None) -> None:
        if self._cancelled.is_set():
            raise _Cancelled
        self.done, self.total = done, total


_SHORT_S = 0.4  # work that takes no longer needs no bar
_REFRESH_S = 0.7


def wait_for(key: str, title: str, work: Callable[[Progress], Any]) -> Any:
    """Return the result of work that all viewers share; until it is there, show a bar and return None.

    Args:
        key: A name for everything that the result depends on.
        title: Short text beside the progress bar: the work that is being done.
        work: The work, as `Job` takes it.
    """
    jobs = _jobs()
    job = jobs.get(key) or jobs.setdefault(key, Job(work))
    if not job.is_over(_SHORT_S):
        progress(title, job)
        return None
    if job.error:
        del jobs[key]  # so that the next run of the page tries again
        show_error(job.error)
    return job.result


@st.fragment(run_every=_REFRESH_S)
def progress(title: str, job: Job, can_cancel: bool = False) -> None:
    """Show the progress of a job until it is over, and then rerun the page."""
    if job.is_over():
        st.rerun()
    far = f"{job.done:,} {f'of {job.total:,}' if job.total else 'so far'}" if job.done else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.total:
            st.progress(min(1.0, job.done / job.total), f"{title} … {far}")
        else:
            st.markdown(f":material/hourglass_top: {title} … {far}")
        if can_cancel:
            st.button("Cancel", on_click=job.cancel, icon=":material/close:")


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, Job]:
    return {}
