"""The Photo page: one or many photos, and their expressions."""

import streamlit as st

from webapp.ui.photo import reading, results, sources
from webapp.ui.shared import engine

st.title("Photo")
st.markdown("Find every face in a picture and see which expression it shows, and how sure the model is.")

chosen = sources.choose()
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    model = engine.choose_model()
    search = sources.search()
neutral = sources.neutral()
if chosen:
    read = reading.read_all(chosen, model, neutral, search)
    if len(read) > 1:
        results.show_table(read)
    if read:
        results.show_downloads(read, model, results.provenance(read, model, search, neutral))
        results.show(read, model)
