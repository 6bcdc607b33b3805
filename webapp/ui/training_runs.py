"""All runs in a table, and some of them side by side."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from training.runs import mlflow_runs
from training.runs.compare import best_accuracy
from training.runs.mlflow_runs import Run
from webapp.ui import training_compare, training_install
from webapp.ui.dataset_job import Job
from webapp.ui.dataset_wait import progress
from webapp.ui.markdown import escaped

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
        training_compare.show_comparison(compared)
    if len(compared) == 1:
        training_install.offer(compared[0])


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
