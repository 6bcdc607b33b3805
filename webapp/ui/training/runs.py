"""All runs in a table; chosen ones are compared, and one can be installed as a model."""

import platform
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.cards import dataset_title, split_title
from core.inference import installed
from training.commands.train import model_name
from training.errors import TrainingError
from training.jobs import command_lines, queue
from training.runs import mlflow_runs
from training.runs.mlflow_runs import Run, best_accuracy, curves, differences, has_folder
from webapp.charts import theme, training
from webapp.ui.shared import datasets
from webapp.ui.shared.background import Job, progress
from webapp.ui.shared.messages import escaped, show_error

_CHART_WIDTH = 340


def _comparison(compared: Sequence[Run]) -> None:
    """Show learning curves, and below them the settings."""
    names = _names(compared)
    rows = {name: each for name, run in zip(names, compared, strict=True) if (each := curves(run))}
    if any("loss" in row for each in rows.values() for row in each):  # else there are no epochs
        with st.grid(min_column_width=_CHART_WIDTH):
            for key, draw in (("accuracy", training.accuracies), ("loss", training.losses)):
                st.plotly_chart(
                    draw(rows, _chosen_on(*compared)), config=theme.CONFIG, key=f"runs-{key}", alt=f"The {key} by epoch"
                )
    if len(compared) > 1:
        _differences(compared, names)
    else:
        with st.expander("Settings", icon=":material/tune:"):
            st.dataframe(pd.DataFrame({"Value": dict(compared[0].settings)}))


def _differences(compared: Sequence[Run], names: Sequence[str]) -> None:
    st.header("Different settings", anchor=False)
    found = differences(compared)
    if found:
        st.dataframe(pd.DataFrame(found, index=list(names)).T)
    else:
        st.markdown("None: the recipe, settings, seed and dataset are the same.")


def _names(compared: Sequence[Run]) -> list[str]:
    """Unique names: runs that share a name get their time too."""
    plain = [run.name for run in compared]
    return [
        name if plain.count(name) == 1 else f"{name} {run.started.astimezone():%d %b %H:%M:%S}"
        for name, run in zip(plain, compared, strict=True)
    ]


def _offer(run: Run) -> None:
    """Show a button that installs the run as a model, or why that is not possible."""
    st.header("Install as a model", anchor=False)
    data = [path for path in datasets.dataset_files() if path.name == run.tags.get("mien.dataset.name")]
    if reason := _why_not(run, data):
        st.caption(f":material/block: {escaped(reason)}")
        return
    st.markdown(f"Its best epoch is calibrated and measured on {_chosen_on(run)}; the other pages can use it then.")
    ask_to_install(run.settings["recipe"], data[0], run.folder, run.name, key=run.id)


def _chosen_on(*runs: Run) -> str:
    """What the images are called that the best epoch of each run is chosen on."""
    names = {dataset_title(run.tags.get("mien.dataset.name", "")) for run in runs}
    return split_title("public-test", names.pop() if len(names) == 1 else "")


def _why_not(run: Run, data: list[Path]) -> str:
    if run.host and run.host != platform.node():
        return f"The run is on {run.host}: copy its folder to this machine, and install it with `train --adopt`."
    if run.state == "running":
        return "It is still running."
    if not has_folder(run) or best_accuracy(run) is None:
        return "It has no complete epoch, or its folder is gone."
    if not data:
        return f"Its dataset, {run.tags.get('mien.dataset.name')}, is not among those of the Dataset page."
    return ""


_SHORT_S = 0.3
_OPENED = "training_opened"
_FILTERS = {
    "Recipe": lambda run: run.settings.get("recipe", ""),
    "Dataset": lambda run: run.tags.get("mien.dataset.name", ""),
    "State": lambda run: run.state,
}


def open_run(folder: Path) -> None:
    """Have the page show the run in a folder, in its view of all runs; for a button."""
    st.session_state["training_view"] = "All runs"
    st.session_state[_OPENED] = mlflow_runs.id_of(folder)
    for name in _FILTERS:
        st.session_state.pop(_filter_key(name), None)


def show() -> None:
    """Show the table with its filters, and below it the chosen runs."""
    try:
        found = _runs()
    except Exception as error:  # MLflow raises many kinds if its database or server cannot be used
        st.error(escaped(f"{mlflow_runs.tracking_uri()}: {str(error).splitlines()[0]}"), icon=":material/error:")
        return
    if found is None:
        return
    if not found:
        st.info("There is no run yet. **New training** starts one.", icon=":material/model_training:")
        return
    shown = _filtered(found)
    _table(shown)
    by_id = {run.id: run for run in shown}
    opened = st.session_state.get(_OPENED)
    chosen = st.multiselect(
        "Runs to show",
        list(by_id),
        default=[opened] if opened in by_id else list(by_id)[:1],
        format_func=lambda run: f"{by_id[run].name} · {by_id[run].started.astimezone():%d %b %H:%M}",
        help="Several runs are drawn into one figure, and their settings are compared.",
        key=f"training_chosen_{len(by_id)}_{opened}",
        persist_state="session",
    )
    compared = [by_id[run] for run in chosen]
    if compared:
        _comparison(compared)
    if len(compared) == 1:
        _offer(compared[0])


def _runs() -> list[Run] | None:
    """All runs; while MLflow is loading, show that and return None."""
    if mlflow_runs.is_empty():
        return []
    loading = _mlflow()
    if not loading.is_over(_SHORT_S):
        progress("Reading the runs", loading)
        return None
    return mlflow_runs.list_runs()


@st.cache_resource(show_spinner=False)
def _mlflow() -> Job:
    return Job(lambda step: mlflow_runs.load_mlflow())


def _filtered(found: Sequence[Run]) -> list[Run]:
    kept = list(found)
    with st.container(horizontal=True):
        for name, value in _FILTERS.items():
            choices = list(dict.fromkeys(filter(None, map(value, found))))
            wanted = st.multiselect(
                name, choices, placeholder="All", key=_filter_key(name), width=260, persist_state="session"
            )
            kept = [run for run in kept if not wanted or value(run) in wanted]
    return kept


def _filter_key(name: str) -> str:
    return f"training_filter_{name}"


def _table(shown: Sequence[Run]) -> None:
    rows = [
        {"Run": run.name}
        | {name: value(run) for name, value in _FILTERS.items()}
        | {
            "Accuracy": None if (best := best_accuracy(run)) is None else best * 100,
            "Started": run.started.astimezone().replace(tzinfo=None),
            "Model": run.tags.get("mien.model", ""),
        }
        for run in shown
    ]
    columns = {
        "Accuracy": st.column_config.ProgressColumn(
            format="%.1f%%",
            min_value=0,
            max_value=100,
            help="The best epoch's, on the images that it was chosen on, without copies.",
        ),
        "Started": st.column_config.DatetimeColumn(format="D MMM, HH:mm"),
        "Model": st.column_config.TextColumn(help="The installed model that was made from the run."),
    }
    order = ("Run", "State", "Accuracy", *_FILTERS, "Started", "Model")  # a narrow screen shows the first columns
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns, column_order=dict.fromkeys(order))


def ask_to_install(recipe: str, data: Path, run: Path, proposal: str, key: str) -> None:
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
        _install(recipe, data, run, name)


def _install(recipe: str, data: Path, run: Path, name: str) -> None:
    try:
        command = command_lines.adopt(recipe, data, run, model_name(name))
        queue.submit(f"Installing {name} from {run.name}", command, run, model=name)
    except TrainingError as error:
        show_error(error)
        return
    st.rerun()
