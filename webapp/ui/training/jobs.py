"""The queue of jobs: the one that runs, those that wait, and the last that have ended."""

import shlex
from datetime import UTC, datetime, timedelta

import streamlit as st

from training.errors import TrainingError
from training.jobs import queue
from training.jobs.queue import Job
from training.runs.folder import Outlook, outlook
from webapp.charts import theme, training
from webapp.ui.shared.messages import escaped

_SHOWN = 8
_ENDED_LOG_LINES = 60
_SIGNS = {
    "finished": ":material/check_circle:",
    "failed": ":material/error:",
    "stopped": ":material/stop_circle:",
    "interrupted": ":material/bolt:",
}
_MEANINGS = {
    "finished": "is done",
    "failed": "failed",
    "stopped": "was stopped",
    "interrupted": "was killed, or the machine was switched off",
}


def _ended(ended: list[Job]) -> None:
    """Show the latest job, and earlier ones folded away; the newest come first."""
    if not ended:
        return
    _outcome(ended[0])
    if len(ended) > 1:
        with st.expander("Earlier jobs", icon=":material/history:"):
            for job in ended[1:_SHOWN]:
                _outcome(job)


def _outcome(job: Job) -> None:
    when = f" · {job.ended.astimezone():%d %b, %H:%M}" if job.ended else ""
    reason = f": {escaped(queue.last_word(job.folder))}" if job.state == "failed" else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text = f"{_SIGNS[job.state]} **{escaped(job.title)}** {_MEANINGS[job.state]}{reason}{when}"
        st.markdown(text, width="stretch")
        if job.state != "finished":
            st.button(
                "Go on" if job.run else "Try again",
                key=f"again-{job.folder.name}",
                icon=":material/replay:",
                on_click=_again,
                args=(job,),
                help="Runs the same command again; a training goes on from its last complete epoch.",
            )
        with st.popover("Log", icon=":material/terminal:", key=f"log-{job.folder.name}"):
            st.code(
                "\n".join(queue.tail(job.folder, _ENDED_LOG_LINES)) or "The job has written nothing.",
                language=None,
                wrap_lines=True,
            )


def _again(job: Job) -> None:
    try:
        queue.submit(job.title, job.command, job.run)
    except TrainingError as error:
        st.toast(escaped(str(error)), icon=":material/error:", duration="infinite")


_CHART_WIDTH = 340
_RUNNING_LOG_LINES = 20


def _running(job: Job) -> None:
    lines = queue.tail(job.folder, _RUNNING_LOG_LINES)
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
            help="Its best complete epoch is kept, and it can go on later." if job.run else None,
        )
    far = outlook(job.run, job.begun) if job.run and job.begun else None
    _progress(job, far)
    if word := queue.last_word(job.folder):
        st.caption(escaped(word))
    if far and far.epochs and far.rows:
        _curves(job.run.name, far)
    with st.expander("Log", icon=":material/terminal:"):
        st.code(shlex.join(job.command), language="sh", wrap_lines=True)
        st.code("\n".join(lines) or "Nothing yet.", language=None, wrap_lines=True)


def _progress(job: Job, far: Outlook | None) -> None:
    if far and far.epochs:
        done = len(far.rows)
        left = "" if not far.seconds_left else f" · {_span(far.seconds_left)} left"
        st.progress(min(1.0, done / far.epochs), f"Epoch {min(done + 1, far.epochs)} of {far.epochs}{left}")
    elif job.begun:
        gone = max(0.0, (datetime.now(UTC) - job.begun).total_seconds())  # the clock may have been set back
        st.markdown(f":material/hourglass_top: Running for {_span(gone)}")


def _curves(name: str, far: Outlook) -> None:
    with st.grid(min_column_width=_CHART_WIDTH):
        for key, draw in (("accuracy", training.accuracies), ("loss", training.losses)):
            figure = draw({name: far.rows})
            st.plotly_chart(figure, config=theme.CONFIG, key=f"live-{key}", alt=f"The {key} of {name} by epoch")


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


_REFRESH_S = 2


def show() -> None:
    """Show the queue, kept up to date while there is something in it, and the jobs that have ended."""
    known = queue.jobs()
    if queued := [job.folder for job in known if not job.is_over]:
        _queue(queued)
    _ended([job for job in reversed(known) if job.is_over])


@st.fragment(run_every=_REFRESH_S)
def _queue(folders: list) -> None:
    queued = [queue.read(folder) for folder in folders]
    if any(job.is_over for job in queued):
        st.rerun()
    with st.container(border=True):
        if queued[0].state != "waiting":
            _running(queued.pop(0))
        for place, job in enumerate(queued, start=1):
            _waiting(job, place)


def _waiting(job: Job, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/hourglass_empty: **{escaped(job.title)}** is waiting, number {place} in the queue",
            width="stretch",
        )
        remove = {"on_click": queue.stop, "args": (job.folder,)}
        st.button("Remove", key=f"remove-{job.folder.name}", icon=":material/close:", **remove)
