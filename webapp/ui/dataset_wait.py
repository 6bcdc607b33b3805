"""Waiting for a job, with a bar."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from webapp.ui.dataset_job import Job, Progress
from webapp.ui.markdown import escaped

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
        st.error(escaped(job.error), icon=":material/error:")
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
