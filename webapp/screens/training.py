"""The Training page: a dataset and a recipe become a model, which can be watched while it learns."""

import streamlit as st

from webapp.ui.shared import views
from webapp.ui.training import form, jobs, runs

_VIEWS = {"New training": form.offer, "All runs": runs.show}


st.title("Training")
st.markdown("Teach a model on a dataset, watch it learn, compare runs, and install the best one.")

jobs.show()
views.show(_VIEWS, "training_view")
