"""One or many photos -> their expressions."""

import streamlit as st

from webapp.ui import downloads, engine, photos, results, table

st.title("Photo")
st.markdown("Find every face in a picture and see which expression it shows, and how sure the model is.")

model = engine.choose_model()
chosen = photos.choose()
neutral = photos.neutral()
if chosen:
    read = engine.read_all(chosen, model, neutral)
    if len(read) > 1:
        table.show_table(read)
    if read:
        downloads.show(read)
        results.show(read, model)
