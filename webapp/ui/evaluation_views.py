"""The views of an evaluation, as tabs; only the one that is looked at is drawn."""

import streamlit as st

from webapp.ui import (
    evaluation_accuracy,
    evaluation_classes,
    evaluation_confidence,
    evaluation_curves,
    evaluation_mistakes,
    evaluation_robustness,
)
from webapp.ui.evaluation_subject import Subject

_VIEWS = {
    "Accuracy": evaluation_accuracy.show,
    "Confusion": evaluation_classes.show_confusion,
    "Classes": evaluation_classes.show_figures,
    "ROC and precision": evaluation_curves.show,
    "Confidence": evaluation_confidence.show_confidence,
    "Mistakes": evaluation_mistakes.show,
    "Robustness": evaluation_robustness.show,
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
