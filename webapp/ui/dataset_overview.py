"""A dataset at a glance."""

import numpy as np
import pandas as pd
import streamlit as st

from training.audit.duplicates import cleaned, copies, leaked
from training.audit.statistics import blank, class_counts
from training.datasets.index import Rows
from webapp import charts, charts_dataset
from webapp.ui.dataset_pictures import Tile, wall

_SHOWN_BLANK = 12


def show(rows: Rows) -> None:
    """How many images of what, and what is wrong with them."""
    blanks, leaks, counts, copied = _figures(rows, rows.hash)
    figures = {
        "Images": (len(rows), None),
        "Blank": (len(blanks), "One even grey: nothing can be learnt from them."),
        "Faces not found": (int((~rows.found).sum()), "Kept in the file, and counted as errors in every figure."),
        "Leaks": (len(leaks), "Test images that stand in an earlier split too. See Duplicates."),
    }
    with st.container(horizontal=True):
        for label, (value, meaning) in figures.items():
            st.metric(label, f"{value:,}", help=meaning, border=True)
    if made := cleaned(rows.path):
        left_out = ", ".join(f"{count} of {split}" for split, count in made.dropped.items()) or "none"
        st.caption(f":material/cleaning_services: A clean copy: leaked images were left out ({left_out}).")
    st.subheader("Classes", anchor=False)
    st.plotly_chart(charts_dataset.class_bars(counts), config=charts.CONFIG, alt="Images of each class by split")
    table = counts.assign(all=counts.sum(axis=1))
    table.loc["all"] = table.sum()
    st.dataframe(table)
    st.subheader("Exact copies", anchor=False)
    st.markdown("How many images of each split (row) stand once more in which split (column), pixel by pixel.")
    st.dataframe(copied)
    if len(blanks):
        st.subheader("Blank images", anchor=False)
        wall(rows, [Tile(int(row), (f"row {row}",)) for row in blanks[:_SHOWN_BLANK]])


@st.cache_data(max_entries=4, show_spinner=False)
def _figures(_rows: Rows, content: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame, pd.DataFrame]:
    """By the dataset's content: a third of a second for FER2013, too much for every click."""
    return blank(_rows), leaked(_rows), class_counts(_rows), copies(_rows)
