"""The installed models as cards, each with buttons to make it the default, read more, or delete it."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core import model_store
from core.cards import Card, is_own_file, split_title
from core.errors import MienError
from core.features import FEATURES
from core.inference import installed
from core.runtime import assets
from webapp.ui.shared.messages import escaped

_TERMS = {
    "FER2013": (
        "was gathered by web search for a contest at ICML 2013 (Goodfellow et al.). The rights in the pictures stay "
        "with their owners, and the set is meant for research."
    ),
    "FER+": "holds the votes of ten people on each image of FER2013 (Barsoum et al. 2016; Microsoft, MIT licence).",
}
"""Terms of datasets, by the name that a card's label sources use."""


def _terms(card: Card) -> None:
    source, data = card.data.get("source"), card.data.get("name")
    if isinstance(source, dict):
        st.markdown(f"**The model** was adopted from `{source.get('name')}`: the licence of its makers applies.")
    else:
        st.markdown("**The model** is under Apache-2.0, Mien's own licence.")
    if data:
        images = card.data.get("training_images")
        st.markdown(f"**Trained on** `{data}`" + (f", {images:,} images." if isinstance(images, int) else "."))
    sources = " ".join(output.label_source for output in card.outputs.values())
    for name, terms in _TERMS.items():
        if name in sources:
            st.markdown(f"**{name}** {terms}")
    files = [asset.name for asset in (assets.FACE_DETECTOR, *FEATURES[card.feature["name"]].assets)]
    st.markdown(
        f"**Runs with** MediaPipe's {' and '.join(files)} (Google, Apache-2.0), a download and not part of Mien."
    )


_SEES = {
    "crop": "the pixels of the face",
    "mesh": "the positions of the points of the face in MediaPipe's mesh",
    "embedder": "the numbers with which an image embedder describes the face",
}
_SPLITS = ("private_test", "public_test")


def _card(card: Card, is_default: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(card.name, anchor=False, width="content")
        if is_default:
            st.badge("Default", icon=":material/star:")
    st.markdown(card.summary)
    _accuracy(card)
    with st.expander("What it sees and says"):
        _facts(card)
    with st.expander("Files"):
        _files(card)
    with st.expander("Licence and data"):
        _terms(card)


def _accuracy(card: Card) -> None:
    split = next((split for split in _SPLITS if "accuracy_interval" in card.metrics.get(split, {})), None)
    if split is None:
        st.caption("Not measured yet: `python -m training evaluate` does that.")
        return
    figures, dataset = card.metrics[split], card.measured_on(split)
    low, high = figures["accuracy_interval"]
    shown = {
        "Right": ("accuracy", "Share of all images, including those in which it does not find the face."),
        "Balanced": ("balanced_accuracy", "Share that is right of each expression, averaged over the expressions."),
        "Faces found": ("coverage", "Share of the images in which it finds the face."),
    }
    with st.container(horizontal=True):
        for title, (figure, meaning) in shown.items():
            st.metric(title, _percent(figures[figure]), help=meaning, width="content")
    st.caption(
        f"On {figures['n']:,} images of {_part(split, dataset)}; right on {_percent(low)} to {_percent(high)} "
        f"(95% interval), on {_percent(figures['accuracy_without_copies'])} without images that are also in "
        f"{split_title('training', dataset)}."
    )


def _part(split: str, dataset: str) -> str:
    title = split_title(split, dataset)
    return escaped(f"{dataset}'s {title}" if dataset else title)


def _facts(card: Card) -> None:
    feature = FEATURES[card.feature["name"]]
    lines = [f"**Sees** {_SEES[feature.needs]} (feature `{feature.name}`)."]
    for name, output in card.outputs.items():
        lines.append(f"**Says** (`{name}`) {', '.join(output.labels)}; unsure below {output.unsure_below * 100:.0f}%.")
    if card.created:
        lines.append(f"**Made** on {card.created} by the recipe `{card.recipe}`.")
    st.markdown("\n\n".join(lines))


def _files(card: Card) -> None:
    rows = [
        {"File": name, "MB": entry["bytes"] / 1e6, "SHA-256": entry["sha256"]} for name, entry in card.files.items()
    ]
    size = st.column_config.NumberColumn(format="%.1f", width="small")
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config={"MB": size})


def _percent(share: float) -> str:
    return "100%" if share == 1 else f"{share:.1%}"


_CARD_WIDTH = 400
_README = "README.md"
_LARGEST_README = 100_000  # characters that are shown


def show() -> None:
    """Show a card for each model, the default first."""
    cards = installed.installed()
    if not cards:
        st.info("No model is installed. `python -m training train quick` makes one.", icon=":material/deployed_code:")
        return
    chosen = installed.chosen_default()
    if chosen and chosen not in cards:
        st.warning(f"The chosen default, {chosen!r}, cannot be used; {next(iter(cards))} is used instead.")
    with st.grid(min_column_width=_CARD_WIDTH):
        for name, card in cards.items():
            with st.container(border=True):
                _card(card, is_default=name == next(iter(cards)))
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
    if text.startswith("---\n"):  # metadata for model hubs
        text = text.partition("\n---\n")[2]
    st.markdown(text)


def _delete(card: Card) -> None:
    megabytes = sum(entry["bytes"] for entry in card.files.values()) / 1e6
    st.markdown(f"Its folder ({megabytes:.1f} MB) will be deleted and cannot be restored.")
    if card.command:
        st.markdown("This command made it:")
        st.code(card.command, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        remove = {"on_click": _attempt, "args": (installed.remove, card.name)}
        deleted = st.button("Delete", type="primary", key="delete-confirmed", icon=":material/delete:", **remove)
        if st.button("Keep", key="delete-not") or deleted:
            st.rerun()


def _attempt(action: Callable[[str], None], name: str) -> None:
    try:
        action(name)
    except MienError as error:
        st.toast(str(error), icon=":material/error:", duration="infinite")
