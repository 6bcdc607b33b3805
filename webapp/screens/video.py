"""The Video page: a recorded clip, and its expressions over time."""

import streamlit as st

from webapp.ui.shared import engine
from webapp.ui.video import clip, results

st.title("Video")
st.markdown("Read the expressions in a recorded clip, face by face, and take the figures away.")

model = engine.choose_model()
desk = clip.desk()
clip.show_clips(desk)
job = desk.chosen()
if job is None:
    clip.choose(desk)
else:
    clip.show_clip(desk, job)
    if job.progress is not None:
        clip.show_progress(job)
    elif job.result is not None:
        results.show(job)
    else:
        clip.set_up(desk, job, model)
    results.offer_all(desk.jobs)
