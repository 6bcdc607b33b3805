"""Work that takes longer than a page should: a thread that says how far it is. No Streamlit here."""

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


_SHORT_S = 0.4  # what takes no longer needs no bar
_REFRESH_S = 0.7


def wait_for(key: str, title: str, work: Callable[[Progress], Any]) -> Any:
    """The result of a piece of work that all viewers share; None, and a bar in its place, until it is there.

    Args:
        key: Names everything that the result depends on.
        title: What is being done.
        work: See `Job`.
    """
    jobs = _jobs()
    job = jobs.get(key) or jobs.setdefault(key, Job(work))
    if not job.is_over(_SHORT_S):
        progress(title, job)
        return None
    if job.error:
        del jobs[key]  # the next run of the page tries again
        show_error(job.error)
    return job.result


@st.fragment(run_every=_REFRESH_S)
def progress(title: str, job: Job, can_cancel: bool = False) -> None:
    """How far a job is, until it is over."""
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
