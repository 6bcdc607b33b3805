"""The datasets that a page may use, and the one that the viewer has chosen."""

import os
from pathlib import Path

import streamlit as st

from core.cards import dataset_title, split_title
from training.datasets.index import Rows
from training.datasets.parquet import is_dataset
from training.errors import DatasetError

OWN = Path("data")
"""Folder for new datasets."""


def roots() -> list[Path]:
    """Return `data/` and the folders that `MIEN_DATASETS` names, separated as in `PATH`."""
    named = os.environ.get("MIEN_DATASETS", "").split(os.pathsep)
    return list(dict.fromkeys([OWN, *(Path(name.strip()) for name in named if name.strip())]))


def dataset_files() -> list[Path]:
    """Return the dataset files in the folders of `roots`; a link that leads out of them is left out."""
    paths = (path for root in roots() for path in sorted(root.glob("*.parquet"), key=lambda path: path.stem))
    return [path for path in paths if _is_inside(path) and is_dataset(path)]


def confined(text: str) -> Path:
    """Resolve a path that somebody typed, if it and all links below it stay inside the folders of `roots`.

    Raises:
        DatasetError: The path leads outside, or there is no such file or folder.
    """
    try:
        path = Path(text.strip()).expanduser()
        if not text.strip() or not _is_inside(path):
            raise DatasetError(
                f"{text}: refused, because it lies outside {_named()}; move it, or add its folder to MIEN_DATASETS"
            )
        if not path.exists():
            raise DatasetError(f"{text}: no such file or folder")
        if stray := next((each for each in path.rglob("*") if each.is_symlink() and not _is_inside(each)), None):
            raise DatasetError(f"{stray}: refused, because this link leads outside {_named()}; remove it")
    except (ValueError, OSError, RuntimeError):  # a zero byte, a name that is too long, an unknown user
        raise DatasetError(
            f"{text[:80]!r}: not a path that can be read; give one of a file or folder in {_named()}"
        ) from None
    return path.resolve()


def new_file(name: str) -> Path:
    """Return the path at which a new dataset is to be written.

    Raises:
        DatasetError: The name has other characters than letters, digits, - and _, or is taken.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 100:
        raise DatasetError(f"{name[:80]!r}: not a plain name; use letters, digits, - and _")
    path = OWN / f"{name}.parquet"
    if path.exists():
        raise DatasetError(f"{path}: exists already; choose another name")
    return path


def _is_inside(path: Path) -> bool:
    real = path.resolve()
    return any(real.is_relative_to(root.resolve()) for root in roots())


def _named() -> str:
    return " and ".join(f"{root}/" for root in roots())


def require() -> list[Path]:
    """Return the dataset files; where there is none, say so over the whole width of the page, and stop it."""
    found = dataset_files()
    if not found:
        st.info(
            f"There is no dataset in **{OWN}/** yet. The **Dataset** page imports one, or draws a small sample to try "
            "everything with.",
            icon=":material/database:",
        )
        st.stop()
    return found


def choose() -> Path:
    """Let the viewer choose a dataset, for every page; a page that asks for it in a column calls `require` before."""
    found = require()
    names = [path.stem for path in found]
    return st.selectbox(
        "Dataset",
        found,
        format_func=lambda path: path.stem if names.count(path.stem) == 1 else path.as_posix(),
        key="dataset",
        persist_state="session",
    )


def load(path: Path) -> Rows:
    """Load a dataset's rows, as the file is now; all viewers share them.

    Raises:
        DatasetError: The file was not written by `training import`.
        OSError: The file is gone.
    """
    stat = path.stat()
    return _rows(path, stat.st_mtime_ns, stat.st_size)


def split_name(rows: Rows, split: str) -> str:
    """Return what a split is called in a dataset: FER2013's are PublicTest and PrivateTest."""
    return split_title(split, dataset_title(rows.path.name))


@st.cache_resource(max_entries=4, show_spinner=False)
def _rows(path: Path, changed: int, size: int) -> Rows:
    return Rows.load(path)
