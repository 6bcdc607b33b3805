"""The Dataset page: what a dataset holds, and what is wrong with it."""

import streamlit as st

from core.errors import MienError
from webapp.ui.dataset import changes, duplicates, import_form, labels, overview, statistics, tiles
from webapp.ui.shared import datasets, views
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


st.title("Dataset")
st.markdown("See what a model learns from: how many images of what, which are there twice, which labels are doubtful.")

import_form.offer()
try:
    rows = datasets.load(datasets.choose())
    changes.show_bar(rows)
    views.show(_VIEWS, "dataset_view", rows)
except (MienError, OSError) as error:
    show_error(error)
