"""The images themselves."""

import streamlit as st

from core.labels import FERPLUS8
from training.datasets.index import Rows
from webapp.ui.dataset_pictures import Tile, paged, wall


def show_samples(rows: Rows) -> None:
    """Images of a class and split, some at a time, in the order of the file."""
    label = st.pills("Class", rows.classes, key="dataset_samples_class")
    split = st.pills("Split", rows.present, key="dataset_samples_split")
    numbers = rows.where(split, label)
    st.caption(f"{len(numbers):,} images")
    shown = numbers[paged(len(numbers), f"dataset_samples_page_{rows.hash}_{split}_{label}")]
    wall(rows, [Tile(int(row), _lines(rows, row, label, split)) for row in shown])


def _lines(rows: Rows, row: int, label: str | None, split: str | None) -> list[str]:
    """What the choice does not tell already."""
    told = [] if label else [FERPLUS8.labels[rows.labels[row]]]
    return told if split else [*told, str(rows.splits[row])]
