"""The Video page: a recorded clip, and its expressions over time."""

import streamlit as st

from webapp.ui.shared import engine
from webapp.ui.video import clip, results

st.title("Video")
st.markdown("Read the expressions in a recorded clip, face by face, and take the figures away.")

model = engine.choose_model()
desk = clip.desk()
if desk.job is None:
    clip.choose(desk)
else:
    clip.show_clip(desk)
    if desk.job.progress is not None:
        clip.show_progress(desk.job)
    elif desk.job.result is not None:
        results.show(desk.job)
    else:
        clip.set_up(desk.job, model)
