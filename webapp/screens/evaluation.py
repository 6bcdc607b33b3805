"""Models x a split -> how far to trust them."""

import streamlit as st

from webapp.ui.evaluation import accuracy, classes, curves, mistakes, robustness, selection
from webapp.ui.evaluation.selection import Subject

_VIEWS = {
    "Accuracy": accuracy.show,
    "Confusion": classes.show_confusion,
    "Classes": classes.show_figures,
    "ROC and precision": curves.show,
    "Confidence": curves.show_confidence,
    "Mistakes": mistakes.show,
    "Robustness": robustness.show,
}


def show(subject: Subject) -> None:
    """All of them."""
    if not subject.examined:
        return
    tabs = st.tabs(list(_VIEWS), on_change="rerun", key="evaluation_view")
    for tab, view in zip(tabs, _VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                view(subject)


st.title("Evaluation")
st.markdown("See how often a model is right, what it confuses, when it knows that it does not know, and its mistakes.")

show(selection.choose())
