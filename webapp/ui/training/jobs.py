"""The queue of jobs: the one that runs, those that wait, and the last that have ended."""

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st

from core.cards import dataset_title, split_title
from core.inference import installed
from training.errors import TrainingError
from training.jobs import queue
from training.jobs.queue import Job
from training.runs.folder import Outlook, RunPlan, outlook, read_history
from webapp.charts import theme, training
from webapp.ui.shared import datasets, engine
from webapp.ui.shared.messages import escaped
from webapp.ui.training import runs

_SHOWN = 8
_ENDED_LOG_LINES = 60
_SIGNS = {
    "finished": ":material/check_circle:",
    "failed": ":material/error:",
    "stopped": ":material/stop_circle:",
}
_MEANINGS = {"finished": "is done", "failed": "failed", "stopped": "was stopped"}


def _ended(ended: list[Job]) -> None:
    """Show the latest job, and earlier ones folded away; the newest come first."""
    if not ended:
        return
    made = [job for job in reversed(ended) if job.model and job.run and job.state == "finished"]
    models = {job.run.resolve(): job.model for job in made if job.model in installed.installed()}
    _outcome(ended[0], models)
    if len(ended) > 1:
        with st.expander("Earlier jobs", icon=":material/history:"):
            for job in ended[1:_SHOWN]:
                _outcome(job, models)


def _outcome(job: Job, models: Mapping[Path, str]) -> None:
    """Show what came of a job, and what can be done next.

    Args:
        job: The job, which is over.
        models: Names of the installed models that jobs made of runs, by the run's folder.
    """
    number = job.folder.name
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{_SIGNS[job.state]} **{escaped(job.title)}** {_told(job)}", width="stretch")
        with st.container(horizontal=True, width="content", gap="small"):  # together they go into a line of their own
            if job.state != "finished":
                st.button(
                    "Resume" if job.run and not job.model else "Try again",
                    key=f"again-{number}",
                    icon=":material/replay:",
                    on_click=_again,
                    args=(job,),
                    help="Runs the same command again; a training goes on from its last complete epoch.",
                )
            if job.run and not job.model and read_history(job.run):
                _next_steps(job, number)
            if model := job.run and models.get(job.run.resolve()):
                _try(model, number)
            with st.popover("Log", icon=":material/terminal:", key=f"log-{number}"):
                st.code(
                    "\n".join(queue.tail(job.folder, _ENDED_LOG_LINES)) or "The job has written nothing.",
                    language=None,
                    wrap_lines=True,
                )


def _told(job: Job) -> str:
    """What came of a job, in a few words of Markdown."""
    when = f" · {job.ended.astimezone():%d %b, %H:%M}" if job.ended else ""
    if job.state == "failed":
        return f"failed: {escaped(queue.last_word(job.folder))}{when}"
    why = ", because its process was killed or the machine was switched off" if job.is_killed else ""
    return f"{_MEANINGS[job.state]}{why}{_result(job)}{when}"


def _result(job: Job) -> str:
    """The accuracy that a training has reached, on the images that its best epoch was chosen on."""
    rows = read_history(job.run) if job.run and not job.model else []
    if not rows:
        return ""
    best = max(rows, key=lambda row: float(row["val_accuracy"]))
    epoch = f", in epoch {best['epoch']}" if len(rows) > 1 else ""
    return f": **{float(best['val_accuracy']):.1%}** right on {_chosen_on(job.run)}{epoch}"


def _chosen_on(run: Path) -> str:
    try:
        data = RunPlan.read(run).data or {}
    except TrainingError:
        data = {}
    return split_title("public-test", dataset_title(data.get("name", "")))


def _try(model: str, number: str) -> None:
    if st.button("Try on a photo", key=f"try-{number}", icon=":material/photo_camera:"):
        engine.choose_next(model)
        st.switch_page("screens/photo.py")


def _next_steps(job: Job, number: str) -> None:
    """Show buttons that open a training's run, and that install it as a model."""
    st.button("Open run", key=f"open-{number}", icon=":material/show_chart:", on_click=runs.open_run, args=(job.run,))
    try:
        plan = RunPlan.read(job.run)
    except TrainingError:  # a run of an earlier version, or a folder that somebody emptied
        return
    name = (plan.data or {}).get("name")
    data = next((path for path in datasets.dataset_files() if path.name == name), None)
    with st.popover("Install", icon=":material/deployed_code:", key=f"install-of-{number}", disabled=data is None):
        if data is not None:
            st.markdown(
                f"Its best epoch is calibrated and measured on {_chosen_on(job.run)}; every page can use it then."
            )
            runs.ask_to_install(plan.recipe, data, job.run, job.run.name, key=number)


def _again(job: Job) -> None:
    try:
        queue.submit(job.title, job.command, job.run, job.model)
    except TrainingError as error:
        st.toast(escaped(str(error)), icon=":material/error:", duration="infinite")


_CHART_WIDTH = 340
_RUNNING_LOG_LINES = 20


def _running(job: Job) -> None:
    lines = queue.tail(job.folder, _RUNNING_LOG_LINES)
    stopping = job.state == "stopping"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"## {escaped(job.title)}", width="stretch")
        st.button(
            "Stopping …" if stopping else "Stop",
            key=f"stop-{job.folder.name}",
            icon=":material/stop:",
            on_click=queue.stop,
            args=(job.folder,),
            disabled=stopping,
            help="Its best complete epoch is kept, and it can be resumed later." if job.run and not job.model else None,
        )
    far = outlook(job.run, job.begun) if job.run and job.begun and not job.model else None
    _progress(job, far)
    if word := queue.last_word(job.folder):
        st.caption(escaped(word))
    if far and far.epochs and far.rows:
        _curves(job.run, far)
    with st.expander("Log", icon=":material/terminal:"):
        st.code(shlex.join(job.command), language=None, wrap_lines=True)
        st.code("\n".join(lines) or "Nothing yet.", language=None, wrap_lines=True)


def _progress(job: Job, far: Outlook | None) -> None:
    if far and far.epochs:
        done = len(far.rows)
        left = "" if not far.seconds_left else f" · {_span(far.seconds_left)} left"
        st.progress(min(1.0, done / far.epochs), f"Epoch {min(done + 1, far.epochs)} of {far.epochs}{left}")
    elif job.begun:
        gone = max(0.0, (datetime.now(UTC) - job.begun).total_seconds())  # the clock may have been set back
        st.markdown(f":material/hourglass_top: Running for {_span(gone)}")


def _curves(run: Path, far: Outlook) -> None:
    with st.grid(min_column_width=_CHART_WIDTH):
        for key, draw in (("accuracy", training.accuracies), ("loss", training.losses)):
            figure = draw({run.name: far.rows}, _chosen_on(run))
            st.plotly_chart(figure, config=theme.CONFIG, key=f"live-{key}", alt=f"The {key} of {run.name} by epoch")


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
