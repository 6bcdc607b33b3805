"""A run becomes a model: the form that asks for its name and puts the installation into the queue."""

from pathlib import Path

import streamlit as st

from core.inference import installed
from training.commands.train import model_name
from training.errors import TrainingError
from training.jobs import command_lines, queue
from webapp.ui.shared.messages import escaped, show_error


def ask(recipe: str, data: Path, run: Path, proposal: str, key: str) -> None:
    """Show a field for the model's name and the button that installs the best epoch of a run.

    Args:
        recipe: Name of the run's recipe.
        data: Dataset file that the run learnt from.
        run: Run folder.
        proposal: Name with which the field is filled.
        key: Part of the widgets' keys, unique on the page.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name of the model", proposal.replace("/", "-"), key=f"install-{key}", width=260, persist_state="session"
        )
        pressed = st.button("Install", type="primary", key=f"install-now-{key}", icon=":material/deployed_code:")
    if name in installed.installed():
        st.caption(f":material/warning: The installed model {escaped(name)} will be replaced.")
    if pressed:
        _submit(recipe, data, run, name)


def _submit(recipe: str, data: Path, run: Path, name: str) -> None:
    try:
        command = command_lines.adopt(recipe, data, run, model_name(name))
        queue.submit(f"Installing {name} from {run.name}", command, run, model=name)
    except TrainingError as error:
        show_error(error)
        return
    st.rerun()
