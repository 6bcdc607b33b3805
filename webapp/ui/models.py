"""The installed models as cards, with what can be done to each."""

from collections.abc import Callable

import streamlit as st

from core import model_store
from core.cards import Card, is_own_file
from core.errors import MienError
from core.inference import installed
from webapp.ui import models_card

_CARD_WIDTH = 400
_README = "README.md"
_LARGEST_README = 100_000  # letters that are shown


def show() -> None:
    """A card for each model, the default first."""
    cards = installed.installed()
    if not cards:
        st.info("No model is installed. `python -m training train quick` makes one.", icon=":material/deployed_code:")
        return
    chosen = installed.chosen_default()
    if chosen and chosen not in cards:
        st.warning(f"The chosen default, {chosen!r}, cannot be used; {next(iter(cards))} takes its place.")
    with st.grid(min_column_width=_CARD_WIDTH):
        for name, card in cards.items():
            with st.container(border=True):
                models_card.show_card(card, is_default=name == next(iter(cards)))
                _actions(card, is_default=name == next(iter(cards)))


def _actions(card: Card, is_default: bool) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if not is_default:
            choice = {"on_click": _attempt, "args": (installed.set_default, card.name)}
            st.button("Make default", key=f"default-{card.name}", icon=":material/star:", **choice)
        if st.button("Read more", key=f"readme-{card.name}", icon=":material/article:"):
            st.dialog(card.name, width="large")(_readme)(card)
        reason = installed.why_kept(card.name)
        if st.button("Delete", key=f"delete-{card.name}", icon=":material/delete:", disabled=bool(reason), help=reason):
            st.dialog(f"Delete {card.name}?")(_delete)(card)


def _readme(card: Card) -> None:
    path = model_store.folder_of(card.name) / _README
    if not is_own_file(path):
        st.info(f"No {_README} in this model's folder: `python -m training models --cards` writes it.")
        return
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read(_LARGEST_README)
    if text.startswith("---\n"):  # what model hubs read
        text = text.partition("\n---\n")[2]
    st.markdown(text)


def _delete(card: Card) -> None:
    megabytes = sum(entry["bytes"] for entry in card.files.values()) / 1e6
    st.markdown(f"Its folder ({megabytes:.1f} MB) goes for good.")
    if card.command:
        st.markdown("It was made by this command:")
        st.code(card.command, language="sh", wrap_lines=True)
    with st.container(horizontal=True):
        remove = {"on_click": _attempt, "args": (installed.remove, card.name)}
        deleted = st.button("Delete", type="primary", key="delete-for-good", icon=":material/delete:", **remove)
        if st.button("Keep", key="delete-not") or deleted:
            st.rerun()


def _attempt(action: Callable[[str], None], name: str) -> None:
    try:
        action(name)
    except MienError as error:
        st.toast(str(error), icon=":material/error:", duration="infinite")
