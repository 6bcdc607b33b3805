"""The queue: what runs, what waits, and what came of the last jobs."""

import streamlit as st

from training.jobs import queue
from training.jobs.queue import Job
from webapp.ui import training_ended, training_live
from webapp.ui.markdown import escaped

_REFRESH_S = 2


def show() -> None:
    """All of it; it keeps itself up to date while there is something in the queue."""
    known = queue.jobs()
    if queued := [job.folder for job in known if not job.is_over]:
        _queue(queued)
    training_ended.show_ended([job for job in reversed(known) if job.is_over])


@st.fragment(run_every=_REFRESH_S)
def _queue(folders: list) -> None:
    queued = [queue.read(folder) for folder in folders]
    if any(job.is_over for job in queued):
        st.rerun()
    with st.container(border=True):
        if queued[0].state != "waiting":
            training_live.show_running(queued.pop(0))
        for place, job in enumerate(queued, start=1):
            _waiting(job, place)


def _waiting(job: Job, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/hourglass_empty: **{escaped(job.title)}** waits, number {place} in the queue", width="stretch"
        )
        remove = {"on_click": queue.stop, "args": (job.folder,)}
        st.button("Remove", key=f"remove-{job.folder.name}", icon=":material/close:", **remove)
