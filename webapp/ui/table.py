"""Many photos at a glance: a row for each face."""

from collections.abc import Iterator, Sequence

import pandas as pd
import streamlit as st

from webapp.ui.engine import Result

_COLUMNS = ["Photo", "Face", "Expression", "Confidence", "View"]


def show_table(results: Sequence[Result]) -> None:
    """A sortable table of every face; a photo without one keeps a row."""
    rows = [row for result in results for row in _rows(result)]
    percent = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
    st.dataframe(pd.DataFrame(rows, columns=_COLUMNS), hide_index=True, column_config={"Confidence": percent})


def _rows(result: Result) -> Iterator[tuple]:
    for number, reading in enumerate(result.frame.readings, start=1):
        expression = "unsure" if reading.unsure else reading.label
        view = "; ".join(reading.face.view.hints) or "good"
        yield result.photo.name, str(number), expression, reading.confidence * 100, view
    if not result.frame.readings:
        yield result.photo.name, "", "no face", None, ""
