"""The images that a model got wrong, the worst first, each with a button that explains the answer."""

import streamlit as st

from core.images import read_image
from training.evaluation.curves import ORDERS, chosen
from webapp.ui.evaluation.selection import Subject, withheld
from webapp.ui.shared import why
from webapp.ui.shared.picture_wall import Tile, cells, paged

_A_PAGE = 32
_ANY = "any"
_NOTES = {
    "most confident": "It was surest of these, and wrong. Many labels are doubtful: look before you blame the model.",
    "worst": "It gave almost no probability to the true label of these.",
}


def show(subject: Subject) -> None:
    """Show a page of mistakes with true label, answer and confidence."""
    found = {model: one.mistakes for model, one in subject.analyses.items() if one.mistakes is not None}
    if not found:
        withheld("Mistakes", subject)
        return
    model = next(iter(found))
    if len(found) > 1:
        model = st.segmented_control(
            "Model", list(found), default=model, required=True, key="mistakes_model", persist_state="session"
        )
    labels = [_ANY, *subject.analyses[model].report.recall]
    first, second, third = st.columns([2, 1, 1])
    order = first.segmented_control(
        "Order", list(ORDERS), default=next(iter(ORDERS)), required=True, key="mistakes_order", persist_state="session"
    )
    label = second.selectbox("True label", labels, key="mistakes_label", persist_state="session")
    answer = third.selectbox("Answer", labels, key="mistakes_answer", persist_state="session")
    mistakes = chosen(found[model], order, *(None if name == _ANY else name for name in (label, answer)))
    report = subject.analyses[model].report
    st.markdown(f"**{len(mistakes):,}** mistakes among {report.n:,} images. {_NOTES[order]}")
    key = f"mistakes-{model}-{subject.rows.hash}-{subject.split}-{order}-{label}-{answer}"
    shown = mistakes[paged(len(mistakes), key, _A_PAGE)]
    answers = dict(zip(shown["row"], shown["answer"], strict=True))

    def ask(tile: Tile, png: bytes) -> None:
        why.button(read_image(png), answers[tile.row], model, f"mistake-{tile.row}", subject.label_set)

    cells(subject.rows, [Tile(int(each.row), _lines(each, order)) for each in shown.itertuples()], ask)


def _lines(mistake, order: str) -> tuple[str, ...]:
    lines = (f"{mistake.label} → {mistake.answer}", f"{mistake.confidence:.0%} sure")
    return (*lines, f"{mistake.for_label:.1%} for {mistake.label}") if order == "worst" else lines
