"""A camera -> expressions as they change."""

import streamlit as st

from webapp.ui import live, notice

st.title("Live")
st.markdown("Point a camera at yourself and see your expressions move, with figures that you can keep.")

stream = live.prepare()
if notice.camera_consent():
    live.show(stream)
