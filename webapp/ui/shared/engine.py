"""The engine as pages use it: chosen by the viewer, shared by all, its readings cached."""

import streamlit as st

from core import model_store
from core.cards import CARD_FILE
from core.errors import MienError
from core.inference import installed
from core.recognizer import Recognizer


def choose_model() -> str:
    """Let the viewer pick one of the installed models; stops the page where there is none."""
    try:
        installed.default_model()
        cards = installed.installed()
    except MienError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()

    def described(name: str) -> str:
        accuracy = cards[name].metrics.get("private_test", {}).get("accuracy")
        return name.capitalize() + (f" · {accuracy * 100:.0f} % right on FER2013" if accuracy else "")

    with st.sidebar:
        name = st.selectbox("Model", list(cards), format_func=described)
        st.caption(cards[name].summary)
    return name


def recognizer(model: str) -> Recognizer:
    """The one that all viewers of a model share, as it is installed now."""
    return _recognizer(model, _changed(model))


@st.cache_resource(max_entries=16, show_spinner=False)
def _recognizer(model: str, changed: int) -> Recognizer:
    return Recognizer(model)


def _changed(model: str) -> int:
    """When the model was installed, in nanoseconds: another one may take its name."""
    return (model_store.folder_of(model) / CARD_FILE).stat().st_mtime_ns
