"""The studio: `streamlit run webapp/Home.py`."""

import sys
from pathlib import Path

# Streamlit puts only this script's own folder on the path; `core` and `webapp` lie one above.
ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from webapp.ui import notice  # noqa: E402

PAGES = [
    st.Page("pages/photo.py", title="Photo", icon=":material/photo_camera:", default=True),
]

st.set_page_config(page_title="Mien", page_icon=":material/sentiment_satisfied:", layout="wide")
page = st.navigation(PAGES)
page.run()
notice.footer()
