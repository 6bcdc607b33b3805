"""A camera -> expressions as they change."""

import streamlit as st

from webapp.ui.live import page
from webapp.ui.shared import notice

st.title("Live")
st.markdown("Point a camera at yourself and see your expressions move, with figures that you can keep.")

stream = page.prepare()
if notice.camera_consent():
    page.show(stream)
