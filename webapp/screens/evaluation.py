"""The Evaluation page: how far to trust models, measured on a split of a dataset."""

import streamlit as st

from webapp.ui.evaluation import accuracy, curves, mistakes, robustness, selection
from webapp.ui.shared import views

_VIEWS = {
    "Accuracy": accuracy.show,
    "Confusion": accuracy.show_confusion,
    "Classes": accuracy.show_classes,
    "ROC and precision": curves.show,
    "Confidence": curves.show_confidence,
    "Mistakes": mistakes.show,
    "Robustness": robustness.show,
}


st.title("Evaluation")
st.markdown(
    "See how often a model is right, what it confuses, whether it knows when it may be wrong, and its mistakes."
)

subject = selection.choose()
if subject.analyses:
    views.show(_VIEWS, "evaluation_view", subject)
