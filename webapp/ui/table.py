"""Many photos at a glance: a row for each face."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from webapp.ui.engine import Result


def show(results: Sequence[Result]) -> None:
    """A sortable table of every face; a photo without one keeps a row."""
    st.dataframe(
        pd.DataFrame(_rows(results), columns=["Photo", "Face", "Expression", "Confidence", "View"]),
        hide_index=True,
        column_config={"Confidence": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
    )


def _rows(results: Sequence[Result]):
    for result in results:
        for number, reading in enumerate(result.frame.readings, start=1):
            label = "unsure" if reading.unsure else reading.label
            yield result.photo.name, number, label, reading.confidence, "; ".join(reading.face.view.hints) or "good"
        if not result.frame.readings:
            yield result.photo.name, None, "no face", None, ""
