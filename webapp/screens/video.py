"""A recorded clip -> expressions over time."""

import streamlit as st

from webapp.ui import engine, video, video_results

st.title("Video")
st.markdown("Read the expressions in a recorded clip, face by face, and take the figures away.")

model = engine.choose_model()
desk = video.desk()
if desk.job is None:
    video.choose(desk)
else:
    video.show_clip(desk)
    if desk.job.progress is not None:
        video.show_progress(desk.job)
    elif desk.job.result is not None:
        video_results.show(desk.job)
    else:
        video.set_up(desk.job, model)
