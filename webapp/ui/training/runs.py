"""All runs in a table, and some of them side by side."""

import platform
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.inference import installed
from training.commands.train import model_name
from training.errors import TrainingError
from training.jobs import command_lines, queue
from training.runs import mlflow_runs
from training.runs.compare import best_accuracy, curves, differences, has_folder
from training.runs.mlflow_runs import Run
from webapp.charts import theme, training
from webapp.ui.shared import datasets
from webapp.ui.shared.background import Job, progress
from webapp.ui.shared.messages import escaped, show_error

_CHART_WIDTH = 340


def show_comparison(compared: Sequence[Run]) -> None:
    """Curves, and below them the settings."""
    names = _names(compared)
    rows = {name: each for name, run in zip(names, compared, strict=True) if (each := curves(run))}
    if any("loss" in row for each in rows.values() for row in each):  # else there are no epochs
        with st.grid(min_column_width=_CHART_WIDTH):
            for key, draw in (("accuracy", training.accuracies), ("loss", training.losses)):
                st.plotly_chart(draw(rows), config=theme.CONFIG, key=f"runs-{key}", alt=f"The {key} by epoch")
    if len(compared) > 1:
        _differences(compared, names)
    else:
        with st.expander("Its settings", icon=":material/tune:"):
            st.dataframe(pd.DataFrame({"Value": dict(compared[0].settings)}))


def _differences(compared: Sequence[Run], names: Sequence[str]) -> None:
    st.subheader("What was set otherwise", anchor=False)
    found = differences(compared)
    if found:
        st.dataframe(pd.DataFrame(found, index=list(names)).T)
    else:
        st.markdown("Nothing: the same recipe, settings, seed and dataset.")


def _names(compared: Sequence[Run]) -> list[str]:
    """Names that are told apart: where two runs share one, with the time."""
    plain = [run.name for run in compared]
    return [
        name if plain.count(name) == 1 else f"{name} {run.started.astimezone():%d %b %H:%M:%S}"
        for name, run in zip(plain, compared, strict=True)
    ]


def offer(run: Run) -> None:
    """A name and a button; where the run cannot become a model, why."""
    st.subheader("Install as a model", anchor=False)
    data = [path for path in datasets.dataset_files() if path.name == run.tags.get("mien.dataset.name")]
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
        show_error(error)
        return
    st.rerun()


_SHORT_S = 0.3
_FILTERS = {
    "Recipe": lambda run: run.settings.get("recipe", ""),
    "Dataset": lambda run: run.tags.get("mien.dataset.name", ""),
    "State": lambda run: run.state,
}


def show() -> None:
    """The table with its filters; below it what was chosen from it."""
    try:
        found = _runs()
    except Exception as error:  # whatever MLflow raises where its database or server cannot be used
        st.error(escaped(f"{mlflow_runs.tracking_uri()}: {str(error).splitlines()[0]}"), icon=":material/error:")
        return
    if found is None:
        return
    if not found:
        st.info("No run yet. **New training** begins one.", icon=":material/model_training:")
        return
    shown = _filtered(found)
    _table(shown)
    by_id = {run.id: run for run in shown}
    chosen = st.multiselect(
        "Look at",
        list(by_id),
        default=list(by_id)[:1],
        format_func=lambda run: f"{by_id[run].name} · {by_id[run].started.astimezone():%d %b %H:%M}",
        help="The curves of several runs are drawn into one figure, and what was set otherwise is told.",
        key=f"training_chosen_{len(by_id)}",
    )
    compared = [by_id[run] for run in chosen]
    if compared:
        show_comparison(compared)
    if len(compared) == 1:
        offer(compared[0])


def _runs() -> list[Run] | None:
    """None, and a sign in their place, while MLflow is loaded."""
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
            wanted = st.multiselect(name, choices, placeholder="All", key=f"training_filter_{name}", width=260)
            kept = [run for run in kept if not wanted or value(run) in wanted]
    return kept


def _table(shown: Sequence[Run]) -> None:
    rows = [
        {"Run": run.name}
        | {name: value(run) for name, value in _FILTERS.items()}
        | {
            "Accuracy": None if (best := best_accuracy(run)) is None else best * 100,
            "Begun": run.started.astimezone().replace(tzinfo=None),
            "Model": run.tags.get("mien.model", ""),
        }
        for run in shown
    ]
    columns = {
        "Accuracy": st.column_config.ProgressColumn(
            format="%.1f %%", min_value=0, max_value=100, help="Of the best epoch, on PublicTest without copies."
        ),
        "Begun": st.column_config.DatetimeColumn(format="D MMM, HH:mm"),
        "Model": st.column_config.TextColumn(help="The installed model that was made of it."),
    }
    order = ("Run", "State", "Accuracy", *_FILTERS, "Begun", "Model")  # a narrow screen shows the first
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns, column_order=dict.fromkeys(order))
