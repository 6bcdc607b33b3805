"""What people decide about a dataset's pictures: the list of changes, undo, export, and a copy with them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.errors import MienError
from training.audit.clean_copy import write_clean
from training.audit.duplicates import leaked
from training.datasets.changes import Changes, beside
from training.datasets.index import Rows
from webapp.ui.shared import datasets
from webapp.ui.shared.messages import escaped, show_error
from webapp.ui.shared.picture_wall import described

_WRITTEN = "dataset_copy"


def of(rows: Rows) -> Changes:
    """Return the list of changes to a dataset, as the file is now; all viewers share it.

    Raises:
        DatasetError: The file beside the dataset is no list of changes to it.
    """
    path = beside(rows.path)
    stat = path.stat() if path.exists() else None
    return _changes(rows, path, rows.hash, stat and (stat.st_mtime_ns, stat.st_size))


@st.cache_resource(max_entries=4, show_spinner=False)
def _changes(_rows: Rows, path: Path, content: str, written: tuple[int, int] | None) -> Changes:
    return Changes(_rows, path)


def decide(change: Callable, *arguments) -> None:
    """Make a change; a callback, which says in a note what failed, because it runs before the page does."""
    try:
        change(*arguments)
    except MienError as error:
        st.toast(escaped(str(error)), icon=":material/error:", duration="infinite")


def show_bar(rows: Rows) -> None:
    """Show how much was changed, with Undo and the export of the list; nothing if nothing was."""
    changes = of(rows)
    if not len(changes):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/edit_note: **{_counted(changes)}**", width="content")
        undo_button("Undo", rows, changes, "changes-undo")
        st.download_button(
            "Export list",
            changes.text(),
            changes.path.name,
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            help=f"The dataset file stays as it is. The list is kept in `{changes.path}`, where each step is written "
            "at once.",
        )


def undo_button(label: str, rows: Rows, changes: Changes, key: str) -> None:
    """Show a button that takes the last step back."""
    st.button(label, on_click=decide, args=(_undo, rows, changes), icon=":material/undo:", key=key)


def _undo(rows: Rows, changes: Changes) -> None:
    undone = changes.undo()
    what = described(rows, undone[0]) if len(undone) == 1 else f"{len(undone):,} pictures"
    st.toast(f"Undone: {what}" if undone else "There is nothing to undo.", icon=":material/undo:")


def _counted(changes: Changes) -> str:
    every = [changes[row] for row in changes.rows()]
    counts = {
        "left out": sum(change.excluded for change in every),
        "relabelled": sum(bool(change.label) for change in every),
        "tagged": sum(bool(change.tags) for change in every),
    }
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    return f"{len(every):,} {'picture' if len(every) == 1 else 'pictures'} changed: {told}"


def offer_copy(rows: Rows) -> None:
    """Offer a copy of the dataset without leaks and with the changes, if there is anything to mend."""
    changes = of(rows)
    count = len(leaked(rows))
    if not count and not len(changes):
        st.success("No test image is in an earlier split too, pixel for pixel.", icon=":material/check:")
        return
    with st.container(border=True):
        if count:
            st.markdown(
                f"**{count:,} test images are in an earlier split too**, so a model may have seen them. A clean copy "
                "leaves them out of the test splits and keeps the training images complete."
            )
        if len(changes):
            st.markdown(f"**{_counted(changes)}**. A clean copy applies this list first; tags change nothing.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                "Name of the copy",
                f"{rows.path.stem}-clean",
                key=f"copy_{rows.path}",
                width=260,
                persist_state="session",
            )
            wanted = st.button("Write a clean copy", type="primary", icon=":material/cleaning_services:")
        if wanted:
            _write(rows, changes, name)
        if written := st.session_state.get(_WRITTEN, {}).get(rows.hash):
            st.caption(f":material/check: {escaped(written)}")


def _write(rows: Rows, changes: Changes, name: str) -> None:
    try:
        out = datasets.new_file(name)
        with st.spinner("Writing the copy …"):
            result = write_clean(rows, out, changes)
    except MienError as error:
        show_error(error)
        return
    st.session_state.setdefault(_WRITTEN, {})[rows.hash] = f"{result.kept:,} images written to {out}; {result}"
    st.rerun()  # to offer the new dataset


def change_many(rows: Rows, numbers: Sequence[int], key: str) -> None:
    """Show buttons that change several pictures in one step, which Undo takes back at once."""
    changes = of(rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            f"Leave out all {len(numbers):,}",
            on_click=decide,
            args=(changes.exclude, numbers),
            icon=":material/block:",
            key=f"{key}-exclude",
        )
        tag = st.text_input("Tag", placeholder="such as: blurred", label_visibility="collapsed", key=f"{key}-tag")
        st.button(
            f"Tag all {len(numbers):,}",
            on_click=lambda: decide(changes.add_tag, numbers, st.session_state[f"{key}-tag"]),
            icon=":material/label:",
            key=f"{key}-tag-all",
            disabled=not tag.strip(),
        )
