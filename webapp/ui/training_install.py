"""Making a model of a run."""

import platform
from pathlib import Path

import streamlit as st

from core.inference import installed
from training.commands.train import model_name
from training.errors import TrainingError
from training.jobs import command_lines, queue
from training.runs.compare import best_accuracy, has_folder
from training.runs.mlflow_runs import Run
from webapp.ui import dataset_roots
from webapp.ui.markdown import escaped


def offer(run: Run) -> None:
    """A name and a button; where the run cannot become a model, why."""
    st.subheader("Install as a model", anchor=False)
    data = [path for path in dataset_roots.dataset_files() if path.name == run.tags.get("mien.dataset.name")]
    if reason := _why_not(run, data):
        st.caption(f":material/block: {escaped(reason)}")
        return
    st.markdown("Its best epoch is calibrated, measured on PublicTest, and can then be chosen on the other pages.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the model", run.name.replace("/", "-"), key=f"install-{run.id}", width=260)
        pressed = st.button("Install", type="primary", icon=":material/deployed_code:")
    if name in installed.installed():
        st.caption(f":material/warning: The model {escaped(name)} that is installed now will be replaced.")
    if pressed:
        _submit(run, data[0], name)


def _why_not(run: Run, data: list[Path]) -> str:
    if run.host and run.host != platform.node():
        return f"The run lies on {run.host}: bring its folder home, and install it with `train --adopt`."
    if run.state == "running":
        return "It still runs."
    if not has_folder(run) or best_accuracy(run) is None:
        return "There is no whole epoch of it, or its folder is gone."
    if not data:
        return f"Its dataset, {run.tags.get('mien.dataset.name')}, is not among those of the Dataset page."
    return ""


def _submit(run: Run, data: Path, name: str) -> None:
    try:
        command = command_lines.adopt(run.settings["recipe"], data, run.folder, model_name(name))
        queue.submit(f"Installing {name} from {run.name}", command)
    except TrainingError as error:
        st.error(escaped(str(error)), icon=":material/error:")
        return
    st.rerun()
