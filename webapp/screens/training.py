"""A dataset and a recipe -> a model, watched while it learns."""

import streamlit as st

from webapp.ui.training import form, jobs, runs

_VIEWS = {"New training": form.offer, "All runs": runs.show}


def show() -> None:
    """Both, as tabs."""
    tabs = st.tabs(list(_VIEWS), on_change="rerun", key="training_view")
    for tab, view in zip(tabs, _VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                view()


st.title("Training")
st.markdown("Teach a model on a dataset, watch it learn, compare runs, and install the best one.")

jobs.show()
show()
