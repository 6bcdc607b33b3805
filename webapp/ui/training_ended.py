"""What came of the jobs that are over."""

import streamlit as st

from training.errors import TrainingError
from training.jobs import queue
from training.jobs.queue import Job
from webapp.ui.markdown import escaped

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
    "interrupted": "was killed, or the machine went down",
}


def show_ended(ended: list[Job]) -> None:
    """The latest in a line of its own, some more folded away; the newest come first."""
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
                help="The same command once more; a training goes on from its last whole epoch.",
            )
        with st.popover("Log", icon=":material/terminal:", key=f"log-{job.folder.name}"):
            st.code(
                "\n".join(queue.tail(job.folder, _ENDED_LOG_LINES)) or "It has said nothing.",
                language=None,
                wrap_lines=True,
            )


def _again(job: Job) -> None:
    try:
        queue.submit(job.title, job.command, job.run)
    except TrainingError as error:
        st.toast(escaped(str(error)), icon=":material/error:", duration="infinite")
