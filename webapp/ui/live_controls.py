"""What a viewer can change while the stream runs."""

import streamlit as st

from core.streams.session import SessionOptions
from webapp.ui import engine
from webapp.ui.live_stream import LiveStream

_INTERVALS = (0.0, 0.5, 1.0, 2.0, 5.0)
_DEFAULTS = SessionOptions()
_PRIORS = {"As in training": False, "All equal": True}


def apply(stream: LiveStream) -> None:
    """The settings in the sidebar; they count from the next frame on."""
    stream.recognizer = engine.recognizer(engine.choose_model())
    with st.sidebar:
        every_s = st.select_slider("Read expressions", _INTERVALS, format_func=_interval)
        smoothing_s = st.slider(
            "Smoothing",
            *(0.0, 3.0, _DEFAULTS.smoothing_s, 0.1),
            format="%.1f s",
            help="How slowly the bars follow the face. At 0 each picture stands for itself.",
        )
        prior = st.segmented_control(
            "How common expressions are",
            list(_PRIORS),
            default="As in training",
            required=True,
            help="In the pictures that the model learned from, disgust is rare and happiness common, and that makes "
            "it answer accordingly. **All equal** takes this out: it finds rare expressions more often, "
            "and errs a little more often on the whole.",
        )
        mesh = st.toggle("Show the face mesh", help="478 points on every face. Takes about 6 ms a frame.")
        stream.mirror = st.toggle("Mirror the picture", value=True)
    stream.options = SessionOptions(smoothing_s, every_s, _PRIORS[prior], mesh)


def _interval(seconds: float) -> str:
    return f"every {seconds:g} s" if seconds else "every frame"
