"""The pictures of the Dataset page: walls whose tiles open, and the window in which a picture is judged."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.errors import MienError
from core.images import read_image
from core.inference import installed
from core.labels import FERPLUS8
from core.readings import Reading
from training.audit.label_quality import in_words
from training.datasets.changes import Changes
from training.datasets.index import Rows, pictures
from webapp.charts import answers
from webapp.ui.dataset.changes import decide, of, offer_copy, undo_button
from webapp.ui.shared import engine, picture_wall, why
from webapp.ui.shared.datasets import split_name
from webapp.ui.shared.messages import escaped, show_error
from webapp.ui.shared.picture_wall import Tile, described, paged

_OPEN = "dataset_open"
_SIDE = 240


def show(rows: Rows, tiles: Sequence[Tile], key: str) -> None:
    """Show pictures side by side; see `show_groups`."""
    show_groups(rows, [tiles], key)


def show_groups(rows: Rows, groups: Sequence[Sequence[Tile]], key: str) -> None:
    """Show groups of pictures, with what was decided about each; one that is pressed opens.

    Args:
        rows: All rows of the dataset.
        groups: The groups.
        key: A name that is unique on the page.
    """
    changes = of(rows)
    marked = [[_marked(changes, tile) for tile in group] for group in groups]
    opened = picture_wall.groups(rows, marked, f"wall-{key}")
    if opened is not None:
        st.session_state[_OPEN] = int(opened)
        shown = list(dict.fromkeys(tile.row for group in groups for tile in group))
        st.dialog("Picture", width="medium", icon=":material/imagesmode:", on_dismiss="rerun")(_judge)(
            rows, changes, shown
        )


def _marked(changes: Changes, tile: Tile) -> Tile:
    change = changes[tile.row]
    return replace(tile, lines=(*tile.lines, *([str(change)] if change else [])), is_faded=change.excluded)


def _judge(rows: Rows, changes: Changes, shown: Sequence[int]) -> None:
    row = st.session_state[_OPEN]
    (png,) = pictures(rows.path, [row])
    crop = read_image(png)
    _turn(row, shown)
    left, right = st.columns([2, 3], gap="medium")
    left.image(answers.enlarged(crop, 2 * _SIDE), width=_SIDE, alt=described(rows, row))
    with right:
        st.markdown(f"**{escaped(described(rows, row))}**")
        if rows.votes[row].any():
            st.markdown(f"People say: {in_words(rows.votes[row])}")
        _decisions(rows, changes, row)
    _models(rows, row, crop)


def _turn(row: int, shown: Sequence[int]) -> None:
    """Show buttons to the pictures before and after, which the arrow keys press too."""
    place = shown.index(row)
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, other, icon in (("Previous", place - 1, "left"), ("Next", place + 1, "right")):
            st.button(
                label,
                key=f"tile-{icon}",
                on_click=lambda other=other: st.session_state.update({_OPEN: shown[other]}),
                icon=f":material/chevron_{icon}:",
                disabled=not 0 <= other < len(shown),
                shortcut=icon.capitalize(),
            )
        st.caption(f"{place + 1} of {len(shown)}", width="content")


def _decisions(rows: Rows, changes: Changes, row: int) -> None:
    """Show what is decided about a picture, to be changed; each change is kept at once."""
    change, own = changes[row], FERPLUS8.labels[rows.labels[row]]
    label, tags, out = (f"tile-{what}-{row}" for what in ("label", "tags", "out"))
    # What the list holds, and not what the browser remembers: a step may have been undone, or made by somebody else.
    st.session_state[label], st.session_state[tags] = change.label or own, list(change.tags)
    st.session_state[out] = change.excluded
    state = st.session_state
    st.selectbox(
        "Label", FERPLUS8.labels, key=label,
        format_func=lambda name: f"{name} (as in the dataset)" if name == own else name,
        on_change=lambda: decide(changes.relabel, [row], state[label]),
    )  # fmt: skip
    st.multiselect(
        "Tags", sorted({*changes.tags(), *change.tags}), key=tags, accept_new_options=True,
        placeholder="Type a word, such as: blurred", on_change=lambda: decide(changes.tag, [row], state[tags]),
    )  # fmt: skip
    st.toggle("Leave out of clean copies", key=out, on_change=lambda: decide(changes.exclude, [row], state[out]))
    if len(changes):
        undo_button("Undo the last change", rows, changes, "tile-undo")


def _models(rows: Rows, row: int, crop: np.ndarray) -> None:
    st.markdown("**What the models say**")
    if rows.splits[row] == "private-test":
        part = split_name(rows, "private-test")
        st.caption(f"Models are not asked about pictures of {part} here, so that nobody tunes them to it.")
        return
    if not rows.found[row]:
        st.caption("No face was found in this picture, so there is nothing to ask about.")
        return
    if rows.splits[row] == "training":
        st.caption("Models that learnt from this very picture are often right about it.")
    try:
        names = list(installed.installed())
        why.all_models(_reading(crop, names[0]))
        if st.toggle(
            "Why?",
            key="tile-why",
            persist_state="session",
            help="Hides one part of the face after another, which takes a moment.",
        ):
            model = st.segmented_control(
                "Model", names, default=names[0], required=True, key="tile-model", persist_state="session"
            )
            reading = _reading(crop, model)
            st.markdown(f"**Why {model} says {reading.label}**")
            why.reasons(crop, reading.label, model)
    except MienError as error:
        show_error(error)


def _reading(crop: np.ndarray, model: str) -> Reading:
    return engine.recognizer(model).with_search("crop").read_frame(crop).readings[0]


_LEFT_OUT, _RELABELLED = "left out", "relabelled"


def show_changed(rows: Rows) -> None:
    """Show the pictures that were changed, and the offer of a copy with these changes."""
    changes = of(rows)
    if not len(changes):
        st.info(
            "Nothing is changed yet. Open a picture in any view: it can be left out, relabelled and tagged. The "
            "dataset file stays as it is, and a clean copy applies the changes.",
            icon=":material/edit_note:",
        )
        return
    offer_copy(rows)
    kind = st.pills(
        "Show",
        [_LEFT_OUT, _RELABELLED, *(f"#{tag}" for tag in changes.tags())],
        key="changes_kind",
        persist_state="session",
    )
    chosen = [row for row in changes.rows() if _is_of(changes, row, kind)]
    st.caption(f"{len(chosen):,} {'picture' if len(chosen) == 1 else 'pictures'}")
    shown = chosen[paged(len(chosen), f"dataset_changes_{rows.hash}_{kind}")]
    show(rows, [Tile(row, (f"row {row}",)) for row in shown], "changes")


def _is_of(changes: Changes, row: int, kind: str | None) -> bool:
    change = changes[row]
    if kind in (_LEFT_OUT, _RELABELLED):
        return change.excluded if kind == _LEFT_OUT else bool(change.label)
    return kind is None or kind[1:] in change.tags
