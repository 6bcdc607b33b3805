"""The start page: three things to do, samples that are one click away, and what each page is for."""

import streamlit as st
from PIL import Image

from webapp.ui.photo import samples
from webapp.ui.shared import deployment

_PAGES = {
    "photo": "One photo or many: every face, its expression and how sure the model is. Tables to take away.",
    "live": "Your webcam: faces keep their numbers, with a personal baseline, events and a recording.",
    "video": "A recorded clip: expressions over time, a marked copy with its sound, a table.",
    "dataset": "What a dataset holds: classes, votes, duplicates, doubtful labels, a map of similar faces.",
    "training": "Train a model of any of the approaches on a dataset of yours, and watch it learn.",
    "evaluation": "Models side by side on the same images: accuracy, calibration, mistakes, robustness.",
    "models": "What is installed, how far to trust it, and which model is used.",
}


def _link(page: str, label: str | None = None, icon: str | None = None) -> None:
    st.page_link(f"screens/{page}.py", label=label or page.capitalize(), icon=icon)


st.title("Mien")
st.markdown("See which expressions faces show, and how far to trust the answer.")

with st.container(border=True):
    st.header("Read a photo", anchor=False)
    st.markdown("Try a sample, or take a photo of your own.")
    sizes = [Image.open(sample.path).size for sample in samples.SAMPLES]
    row = st.columns([width / height for width, height in sizes])  # so that all are shown at one height
    for cell, sample in zip(row, samples.SAMPLES, strict=True):
        with cell:
            st.image(sample.path, width="stretch", alt=sample.about)
            if st.button(f"Read {sample.name.lower()}", key=f"start_{sample.path.stem}", width="stretch"):
                samples.show(sample)
                st.switch_page("screens/photo.py")
    _link("photo", "Read a photo of your own", ":material/upload:")

left, right = st.columns(2)
with left.container(border=True, height="stretch"):
    st.header("Watch a face live", anchor=False)
    st.markdown("Read in your own browser if you like: then no picture leaves it.")
    _link("live", "Open the webcam", ":material/videocam:")
    _link("video", "Read a clip instead", ":material/movie:")
with right.container(border=True, height="stretch"):
    if deployment.allows("Evaluation"):
        st.header("Compare and train models", anchor=False)
        st.markdown("All approaches on the same images, every image counted.")
        _link("evaluation", "See who is right how often", ":material/query_stats:")
        _link("training", "Train one on your data", ":material/model_training:")
    else:
        st.header("How far to trust it", anchor=False)
        st.markdown(
            "Each answer comes with how sure the model is, and it says so where it is unsure. An expression is not a "
            "feeling: people smile for many reasons."
        )

st.header("What each page is for", anchor=False)
for page, purpose in _PAGES.items():
    if deployment.allows(page.capitalize()):
        name, about = st.columns([1, 6], vertical_alignment="center")
        with name:
            _link(page)
        about.markdown(purpose)
