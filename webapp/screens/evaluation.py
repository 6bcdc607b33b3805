"""The Evaluation page: how far to trust models, measured on a split of a dataset."""

import streamlit as st

from webapp.ui.evaluation import accuracy, curves, mistakes, robustness, selection
from webapp.ui.evaluation.selection import Subject

_VIEWS = {
    "Accuracy": accuracy.show,
    "Confusion": accuracy.show_confusion,
    "Classes": accuracy.show_classes,
    "ROC and precision": curves.show,
    "Confidence": curves.show_confidence,
    "Mistakes": mistakes.show,
    "Robustness": robustness.show,
}


def show_views(subject: Subject) -> None:
    """Show the views as tabs, of which only the open one is computed."""
    tabs = st.tabs(list(_VIEWS), on_change="rerun", key="evaluation_view")
    for tab, view in zip(tabs, _VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                view(subject)


st.title("Evaluation")
st.markdown(
    "See how often a model is right, what it confuses, whether it knows when it may be wrong, and its mistakes."
)

subject = selection.choose()
if subject.analyses:
    show_views(subject)
