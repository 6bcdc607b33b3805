"""The Training page: a dataset and a recipe become a model, which can be watched while it learns."""

import streamlit as st

from webapp.ui.training import form, jobs, runs

_VIEWS = {"New training": form.offer, "All runs": runs.show}


def show_views() -> None:
    """Show the views as tabs, of which only the open one is computed."""
    tabs = st.tabs(list(_VIEWS), on_change="rerun", key="training_view")
    for tab, view in zip(tabs, _VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                view()


st.title("Training")
st.markdown("Teach a model on a dataset, watch it learn, compare runs, and install the best one.")

jobs.show()
show_views()
