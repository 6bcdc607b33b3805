"""Runs side by side: their curves in one figure, and what was set otherwise."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from training.runs.compare import curves, differences
from training.runs.mlflow_runs import Run
from webapp import charts, charts_training

_CHART_WIDTH = 340


def show_comparison(compared: Sequence[Run]) -> None:
    """Curves, and below them the settings."""
    names = _names(compared)
    rows = {name: each for name, run in zip(names, compared, strict=True) if (each := curves(run))}
    if any("loss" in row for each in rows.values() for row in each):  # else there are no epochs
        with st.grid(min_column_width=_CHART_WIDTH):
            for key, draw in (("accuracy", charts_training.accuracies), ("loss", charts_training.losses)):
                st.plotly_chart(draw(rows), config=charts.CONFIG, key=f"runs-{key}", alt=f"The {key} by epoch")
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
