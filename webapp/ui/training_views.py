"""What the Training page offers besides the jobs: begin a run, look at runs; only what is looked at is computed."""

import streamlit as st

from webapp.ui import training_form, training_runs

_VIEWS = {"New training": training_form.offer, "All runs": training_runs.show}


def show() -> None:
    """Both, as tabs."""
    tabs = st.tabs(list(_VIEWS), on_change="rerun", key="training_view")
    for tab, view in zip(tabs, _VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                view()
