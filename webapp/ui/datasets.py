"""Which dataset a page works on."""

from pathlib import Path

import streamlit as st

from training.datasets.index import Rows
from webapp.ui.dataset_roots import OWN, dataset_files


def choose() -> Path:
    """Let the viewer pick a dataset; the choice holds on every page. Stops the page where there is none."""
    found = dataset_files()
    if not found:
        st.info(
            f"There is no dataset in **{OWN}/** yet. The **Dataset** page imports one, or draws a small made-up one to "
            "try everything with.",
            icon=":material/database:",
        )
        st.stop()
    names = [path.stem for path in found]
    return st.selectbox(
        "Dataset",
        found,
        format_func=lambda path: path.stem if names.count(path.stem) == 1 else path.as_posix(),
        key="dataset",
        persist_state="session",
    )


def load(path: Path) -> Rows:
    """Its rows, as the file is now; all viewers share them.

    Raises:
        DatasetError: it is not one that `training import` wrote.
        OSError: it is gone.
    """
    stat = path.stat()
    return _rows(path, stat.st_mtime_ns, stat.st_size)


@st.cache_resource(max_entries=4, show_spinner=False)
def _rows(path: Path, changed: int, size: int) -> Rows:
    return Rows.load(path)
