"""The engine as pages use it: a model that the viewer chooses, loaded once for all viewers."""

import streamlit as st

from core import model_store
from core.cards import CARD_FILE
from core.inference import installed
from core.recognizer import Recognizer
from webapp.ui.shared import messages


def choose_model() -> str:
    """Let the viewer choose an installed model in the sidebar; stops the page if there is none."""
    with messages.stopping_at_errors():
        installed.default_model()
        cards = installed.installed()

    def described(name: str) -> str:
        return " · ".join(filter(None, (name.capitalize(), installed.described(cards[name]))))

    with st.sidebar:
        name = st.selectbox("Model", list(cards), format_func=described)
        st.caption(cards[name].summary)
    return name


def recognizer(model: str) -> Recognizer:
    """The recognizer that all viewers of a model share, as the model is installed now."""
    return _recognizer(model, installed_ns(model))


@st.cache_resource(max_entries=16, show_spinner=False)
def _recognizer(model: str, installed_ns: int) -> Recognizer:
    return Recognizer(model)


def installed_ns(model: str) -> int:
    """When the model was installed, in nanoseconds: a key for caches, because another model may take over the name."""
    return (model_store.folder_of(model) / CARD_FILE).stat().st_mtime_ns
