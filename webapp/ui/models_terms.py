"""Whose a model is, whose the data are that it learnt from, and whose the files that it runs."""

import streamlit as st

from core.cards import Card
from core.features import FEATURES
from core.runtime import assets

_TERMS = {
    "FER2013": (
        "was gathered by web search for a contest at ICML 2013 (Goodfellow et al.). The rights in the pictures stay "
        "with their owners, and the set is meant for research."
    ),
    "FER+": "holds the votes of ten people on each image of FER2013 (Barsoum et al. 2016; Microsoft, MIT licence).",
}
"""By the names that a card's label sources use."""


def show_terms(card: Card) -> None:
    """A paragraph each for the model, the data, and the third-party files."""
    source, data = card.data.get("source"), card.data.get("name")
    if isinstance(source, dict):
        st.markdown(f"**The model** was adopted from `{source.get('name')}`: the licence of its makers holds.")
    else:
        st.markdown("**The model** is under Apache-2.0, Mien's own licence.")
    if data:
        images = card.data.get("training_images")
        st.markdown(f"**Learnt from** `{data}`" + (f", {images:,} images." if isinstance(images, int) else "."))
    sources = " ".join(output.label_source for output in card.outputs.values())
    for name, terms in _TERMS.items():
        if name in sources:
            st.markdown(f"**{name}** {terms}")
    files = [asset.name for asset in (assets.FACE_DETECTOR, *FEATURES[card.feature["name"]].assets)]
    st.markdown(f"**Runs with** MediaPipe's {' and '.join(files)} (Google, Apache-2.0), fetched and not part of Mien.")
