"""A dataset and a recipe -> a model, watched while it learns."""

import streamlit as st

from webapp.ui import training_jobs, training_views

st.title("Training")
st.markdown("Teach a model on a dataset, watch it learn, compare runs, and install the best one.")

training_jobs.show()
training_views.show()
