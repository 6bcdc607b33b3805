"""A dataset -> what it holds, and what is wrong with it."""

import streamlit as st

from webapp.ui import dataset_import, dataset_views, datasets

st.title("Dataset")
st.markdown("See what a model learns from: how much of what, which images are there twice, which labels are doubtful.")

dataset_import.offer()
dataset_views.show(datasets.choose())
