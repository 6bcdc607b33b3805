"""The views of a dataset, as tabs; only the one that is looked at is computed."""

from pathlib import Path

import streamlit as st

from core.errors import MienError
from webapp.ui import (
    dataset_coverage,
    dataset_duplicates,
    dataset_labels,
    dataset_looks,
    dataset_map,
    dataset_overview,
    dataset_samples,
    datasets,
)
from webapp.ui.markdown import escaped

_VIEWS = {
    "Overview": dataset_overview.show,
    "Samples": dataset_samples.show_samples,
    "Mean faces": dataset_looks.show_faces,
    "Light": dataset_looks.show_light,
    "Duplicates": dataset_duplicates.show,
    "Votes": dataset_labels.show_votes,
    "Doubtful labels": dataset_labels.show_doubtful,
    "Mesh": dataset_coverage.show_mesh_coverage,
    "Map": dataset_map.show_map,
}


def show(path: Path) -> None:
    """All of them."""
    try:
        rows = datasets.load(path)
        tabs = st.tabs(list(_VIEWS), on_change="rerun", key="dataset_view")
        for tab, view in zip(tabs, _VIEWS.values(), strict=True):
            if tab.open:
                with tab:
                    view(rows)
    except (MienError, OSError) as error:
        st.error(escaped(str(error)), icon=":material/error:")
