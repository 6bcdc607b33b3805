"""Which dataset a page works on."""

import os
from pathlib import Path

import streamlit as st

from training.datasets.index import Rows
from training.datasets.parquet import is_dataset
from training.errors import DatasetError

OWN = Path("data")
"""Where new datasets go."""


def roots() -> list[Path]:
    """`data/`, and the folders that `MIEN_DATASETS` names, with the system's path separator between them."""
    named = os.environ.get("MIEN_DATASETS", "").split(os.pathsep)
    return list(dict.fromkeys([OWN, *(Path(name.strip()) for name in named if name.strip())]))


def dataset_files() -> list[Path]:
    """The dataset files that lie in these folders; a link that leads out of them is left out."""
    paths = (path for root in roots() for path in sorted(root.glob("*.parquet"), key=lambda path: path.stem))
    return [path for path in paths if _is_inside(path) and is_dataset(path)]


def confined(text: str) -> Path:
    """The path that somebody typed, if it and all links below it stay inside these folders.

    Raises:
        DatasetError: it leads outside, or there is nothing.
    """
    try:
        path = Path(text.strip()).expanduser()
        if not text.strip() or not _is_inside(path):
            raise DatasetError(
                f"{text}: refused, for it lies outside {_named()}; move it there, or name its folder in MIEN_DATASETS"
            )
        if not path.exists():
            raise DatasetError(f"{text}: no such file or folder")
        if stray := next((each for each in path.rglob("*") if each.is_symlink() and not _is_inside(each)), None):
            raise DatasetError(f"{stray}: refused, for this link leads outside {_named()}; remove it")
    except (ValueError, OSError, RuntimeError):  # a zero byte, a name that is too long, a user that nobody knows
        raise DatasetError(
            f"{text[:80]!r}: no path that can be read; give that of a file or folder in {_named()}"
        ) from None
    return path.resolve()


def new_file(name: str) -> Path:
    """Where a new dataset of that name is to be written.

    Raises:
        DatasetError: it is no plain name, or there is such a dataset already.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 100:
        raise DatasetError(f"{name[:80]!r}: no plain name; use letters, digits, - and _")
    path = OWN / f"{name}.parquet"
    if path.exists():
        raise DatasetError(f"{path}: exists already; choose another name")
    return path


def _is_inside(path: Path) -> bool:
    real = path.resolve()
    return any(real.is_relative_to(root.resolve()) for root in roots())


def _named() -> str:
    return " and ".join(f"{root}/" for root in roots())


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
