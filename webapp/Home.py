"""The studio: `streamlit run webapp/Home.py`."""

import sys
from pathlib import Path

# Streamlit puts only this script's own folder on the path; `core` and `webapp` lie one above.
ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from webapp.ui.shared import deployment, messages  # noqa: E402

ASSETS = Path(__file__).parent / "assets"

# Not in a folder named `pages`: Streamlit would run its scripts without this one when a visitor's first address is
# theirs, which leaves out all that this script does.
PAGES = [
    st.Page("screens/start.py", title="Start", icon=":material/home:", default=True),
    st.Page("screens/photo.py", title="Photo", icon=":material/photo_camera:"),
    st.Page("screens/live.py", title="Live", icon=":material/videocam:"),
    st.Page("screens/video.py", title="Video", icon=":material/movie:"),
    st.Page("screens/dataset.py", title="Dataset", icon=":material/dataset:"),
    st.Page("screens/training.py", title="Training", icon=":material/model_training:"),
    st.Page("screens/evaluation.py", title="Evaluation", icon=":material/query_stats:"),
    st.Page("screens/models.py", title="Models", icon=":material/deployed_code:"),
]

# The tab's icon is a file: for a named Material icon the browser would ask Google.
st.set_page_config(page_title="Mien", page_icon=str(ASSETS / "icon.svg"), layout="wide")
st.html(ASSETS / "studio.css")
st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "icon.svg"), size="large")
try:
    page = st.navigation([page for page in PAGES if deployment.allows(page.title)])
except deployment.SettingError as error:
    messages.show_error(error)
    st.stop()
st.set_page_config(page_title=f"{page.title} · Mien")
body = st.container()
messages.footer()  # before the page, which may stop early
with body:
    page.run()
