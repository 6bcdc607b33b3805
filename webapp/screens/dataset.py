"""The Dataset page: what a dataset holds, and what is wrong with it."""

from pathlib import Path

import streamlit as st

from core.errors import MienError
from webapp.ui.dataset import changes, duplicates, import_form, labels, overview, statistics, tiles
from webapp.ui.shared import datasets
from webapp.ui.shared.messages import show_error

_VIEWS = {
    "Overview": overview.show,
    "Samples": overview.show_samples,
    "Mean faces": statistics.show_faces,
    "Light": statistics.show_light,
    "Duplicates": duplicates.show,
    "Votes": labels.show_votes,
    "Doubtful labels": labels.show_doubtful,
    "Mesh": overview.show_mesh_coverage,
    "Map": statistics.show_map,
    "Changes": tiles.show_changed,
}


def show_views(path: Path) -> None:
    """Show the views as tabs, of which only the open one is computed."""
    try:
        rows = datasets.load(path)
        changes.show_bar(rows)
        tabs = st.tabs(list(_VIEWS), on_change="rerun", key="dataset_view")
        for tab, view in zip(tabs, _VIEWS.values(), strict=True):
            if tab.open:
                with tab:
                    view(rows)
    except (MienError, OSError) as error:
        show_error(error)


st.title("Dataset")
st.markdown("See what a model learns from: how many images of what, which are there twice, which labels are doubtful.")

import_form.offer()
show_views(datasets.choose())
