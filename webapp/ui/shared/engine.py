"""The engine as pages use it: a model that the viewer chooses, loaded once for all viewers."""

import streamlit as st

from core import model_store
from core.cards import CARD_FILE
from core.inference import installed
from core.recognizer import Recognizer
from webapp.ui.shared import messages

_CHOSEN = "model"


def choose_model() -> str:
    """Let the viewer choose an installed model for every page; stops the page if there is none."""
    with messages.stopping_at_errors():
        installed.default_model()
        cards = installed.installed()

    def described(name: str) -> str:
        return " · ".join(filter(None, (name.capitalize(), installed.described(cards[name]))))

    if st.session_state.get(_CHOSEN) not in cards:  # nothing was chosen yet, or the model was deleted
        st.session_state.pop(_CHOSEN, None)
    summaries = "\n".join(f"- **{name}**: {messages.escaped(card.summary)}" for name, card in cards.items())
    return st.selectbox(
        "Model",
        list(cards),
        format_func=described,
        help=f"The same on every page.\n\n{summaries}",
        key=_CHOSEN,
        persist_state="session",
        width=340,
    )


def choose_next(model: str) -> None:
    """Choose an installed model for the pages that are opened next; not on a page that asks for one."""
    st.session_state[_CHOSEN] = model


def recognizer(model: str) -> Recognizer:
    """The recognizer that all viewers of a model share, as the model is installed now."""
    return _recognizer(model, installed_ns(model))


@st.cache_resource(max_entries=16, show_spinner=False)
def _recognizer(model: str, installed_ns: int) -> Recognizer:
    return Recognizer(model, cores=1)  # many viewers share it


def installed_ns(model: str) -> int:
    """When the model was installed, in nanoseconds: a key for caches, because another model may take over the name."""
    return (model_store.folder_of(model) / CARD_FILE).stat().st_mtime_ns
