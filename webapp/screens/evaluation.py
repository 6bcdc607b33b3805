"""Models x a split -> how far to trust them."""

import streamlit as st

from webapp.ui import evaluation_subject, evaluation_views

st.title("Evaluation")
st.markdown("See how often a model is right, what it confuses, when it knows that it does not know, and its mistakes.")

evaluation_views.show(evaluation_subject.choose())
