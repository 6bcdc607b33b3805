"""The job that runs now: how far it is, its curves, what it says, and the way to stop it."""

import shlex
from datetime import UTC, datetime, timedelta

import streamlit as st

from training.jobs import queue
from training.jobs.outlook import Outlook, outlook
from training.jobs.queue import Job
from webapp import charts, charts_training
from webapp.ui.markdown import escaped

_CHART_WIDTH = 340
_RUNNING_LOG_LINES = 20


def show_running(job: Job) -> None:
    """All of it, as it is at this moment."""
    said = queue.tail(job.folder, _RUNNING_LOG_LINES)
    stopping = job.state == "stopping"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {escaped(job.title)}", width="stretch")
        st.button(
            "Stopping …" if stopping else "Stop",
            key=f"stop-{job.folder.name}",
            icon=":material/stop:",
            on_click=queue.stop,
            args=(job.folder,),
            disabled=stopping,
            help="The best of its whole epochs is kept, and it can go on another time." if job.run else None,
        )
    far = outlook(job.run, job.begun) if job.run and job.begun else None
    _progress(job, far)
    if word := queue.last_word(job.folder):
        st.caption(escaped(word))
    if far and far.epochs and far.rows:
        _curves(job.run.name, far)
    with st.expander("Log", icon=":material/terminal:"):
        st.code(shlex.join(job.command), language="sh", wrap_lines=True)
        st.code("\n".join(said) or "Nothing yet.", language=None, wrap_lines=True)


def _progress(job: Job, far: Outlook | None) -> None:
    if far and far.epochs:
        done = len(far.rows)
        left = "" if not far.seconds_left else f" · {_span(far.seconds_left)} left"
        st.progress(min(1.0, done / far.epochs), f"Epoch {min(done + 1, far.epochs)} of {far.epochs}{left}")
    elif job.begun:
        gone = max(0.0, (datetime.now(UTC) - job.begun).total_seconds())  # the clock may have been set back
        st.markdown(f":material/hourglass_top: At work for {_span(gone)}")


def _curves(name: str, far: Outlook) -> None:
    with st.grid(min_column_width=_CHART_WIDTH):
        for key, draw in (("accuracy", charts_training.accuracies), ("loss", charts_training.losses)):
            figure = draw({name: far.rows})
            st.plotly_chart(figure, config=charts.CONFIG, key=f"live-{key}", alt=f"The {key} of {name} by epoch")


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
