"""A dataset at a glance: counts and problems, its images, and where the face mesh is found."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.labels import FERPLUS8
from training.audit.clean_copy import cleaned
from training.audit.duplicates import copies, leaked
from training.audit.statistics import blank, class_counts, coverage
from training.datasets.index import Rows
from webapp.charts import dataset, theme
from webapp.ui.dataset import tiles
from webapp.ui.shared.datasets import split_name
from webapp.ui.shared.picture_wall import Tile, paged

_SHOWN_BLANK = 12


def show(rows: Rows) -> None:
    """Show how many images there are of what, and what is wrong with them."""
    blanks, leaks, counts, copied = _figures(rows, rows.hash)
    figures = {
        "Images": (len(rows), None),
        "Blank": (len(blanks), "Images of a single grey: nothing can be learnt from them."),
        "Faces not found": (int((~rows.found).sum()), "They stay in the file, and every figure counts them as errors."),
        "Leaks": (len(leaks), "Test images that are in an earlier split too. See Duplicates."),
    }
    with st.container(horizontal=True):
        for label, (value, meaning) in figures.items():
            st.metric(label, f"{value:,}", help=meaning, border=True)
    if clean := cleaned(rows.path):
        st.caption(f":material/cleaning_services: A clean copy: {clean}.")
    st.header("Classes", anchor=False)
    st.plotly_chart(
        dataset.class_bars(counts, partial(split_name, rows)), config=theme.CONFIG, alt="Images of each class by split"
    )
    table = counts.assign(all=counts.sum(axis=1)).rename(index=partial(split_name, rows))
    table.loc["all"] = table.sum()
    st.dataframe(table)
    st.header("Exact copies", anchor=False)
    st.markdown("How many images of each split (row) are in another or the same split (column) too, pixel for pixel.")
    st.dataframe(copied.rename(partial(split_name, rows), axis=0).rename(partial(split_name, rows), axis=1))
    if len(blanks):
        st.header("Blank images", anchor=False)
        tiles.show(rows, [Tile(int(row), (f"row {row}",)) for row in blanks[:_SHOWN_BLANK]], "blank")


@st.cache_data(max_entries=4, show_spinner=False)
def _figures(_rows: Rows, content: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Cached by the dataset's content: a third of a second for FER2013 is too long for every click."""
    return blank(_rows), leaked(_rows), class_counts(_rows), copies(_rows)


def show_samples(rows: Rows) -> None:
    """Show the images of a class and split, a page at a time, in the order of the file."""
    label = st.pills("Class", rows.classes, key="dataset_samples_class", persist_state="session")
    split = st.pills(
        "Split",
        rows.present,
        format_func=partial(split_name, rows),
        key="dataset_samples_split",
        persist_state="session",
    )
    numbers = rows.where(split, label)
    st.caption(f"{len(numbers):,} images")
    shown = numbers[paged(len(numbers), f"dataset_samples_page_{rows.hash}_{split}_{label}")]
    tiles.show(rows, [Tile(int(row), _lines(rows, row, label, split)) for row in shown], "samples")


def _lines(rows: Rows, row: int, label: str | None, split: str | None) -> list[str]:
    """What the chosen class and split do not tell already."""
    label_line = [] if label else [FERPLUS8.labels[rows.labels[row]]]
    return label_line if split else [*label_line, split_name(rows, rows.splits[row])]


def show_mesh_coverage(rows: Rows) -> None:
    """Show by class and split in how many images the mesh was found, if it was computed before."""
    table = coverage(rows)
    if table.empty:
        st.info(
            "The face mesh of these images is not computed yet; training a model that uses it does that. FER2013 takes "
            "some minutes.",
            icon=":material/face_retouching_off:",
        )
        st.code(f"python -m training train mesh-svm --data {rows.path}", language=None, wrap_lines=True)
        return
    found, images = table["found"].sum(), table["images"].sum()
    st.markdown(
        f"MediaPipe sees a face mesh in **{found / images:.1%}** of {images:,} images. "
        "A model that needs the mesh cannot answer for the others, and each of them counts as an error."
    )
    st.plotly_chart(
        dataset.coverage_dots(table, partial(split_name, rows)),
        config=theme.CONFIG,
        alt="Meshes found by class and split",
    )
    shares = table.pivot(index="label", columns="split", values="share").reindex(
        index=table["label"].unique(), columns=table["split"].unique()
    )
    shares = shares.rename(columns=partial(split_name, rows)).rename_axis(index=None, columns=None)
    st.dataframe(shares.style.format("{:.1%}"))
