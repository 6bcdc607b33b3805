"""What a model's card says, for people."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.cards import Card
from core.features import FEATURES
from webapp.ui import models_terms

_SEES = {
    "crop": "the pixels of the face",
    "mesh": "where the points of the face lie, by MediaPipe's mesh",
    "embedder": "the face as an image embedder sums it up",
}
_SPLITS = {"private_test": "PrivateTest", "public_test": "PublicTest"}


def show_card(card: Card, is_default: bool) -> None:
    """Name, what it is, how good it is; the rest can be opened."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(card.name, anchor=False, width="content")
        if is_default:
            st.badge("Default", icon=":material/star:")
    st.markdown(card.summary)
    _accuracy(card.metrics)
    with st.expander("What it sees and says"):
        _facts(card)
    with st.expander("Files"):
        _files(card)
    with st.expander("Licence and data"):
        models_terms.show_terms(card)


def _accuracy(metrics: Mapping[str, Mapping]) -> None:
    split = next((split for split in _SPLITS if "accuracy_interval" in metrics.get(split, {})), None)
    if split is None:
        st.caption("Not measured yet: `python -m training evaluate` does it.")
        return
    figures = metrics[split]
    low, high = figures["accuracy_interval"]
    shown = {
        "Right": ("accuracy", "Share of all images, those included in which it cannot find the face."),
        "Balanced": ("balanced_accuracy", "Mean over the expressions of the share that is right."),
        "Faces found": ("coverage", "Share of the images in which it finds the face."),
    }
    with st.container(horizontal=True):
        for title, (figure, meaning) in shown.items():
            st.metric(title, _percent(figures[figure]), help=meaning, width="content")
    st.caption(
        f"On {figures['n']:,} images of {_SPLITS[split]}; right on {_percent(low)} to {_percent(high)} "
        f"(95 % interval), on {_percent(figures['accuracy_without_copies'])} without copies of Training."
    )


def _facts(card: Card) -> None:
    feature = FEATURES[card.feature["name"]]
    lines = [f"**Sees** {_SEES[feature.needs]} (feature `{feature.name}`)."]
    for name, output in card.outputs.items():
        lines.append(f"**Says** (`{name}`) {', '.join(output.labels)}; unsure below {output.unsure_below * 100:.0f} %.")
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
    return "100 %" if share == 1 else f"{share * 100:.1f} %"
