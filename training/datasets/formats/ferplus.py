"""FER+: votes of ten people on each image of FER2013, as a csv beside FER2013's or as folders of pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.tabular import open_table, rows_of_text
from training.datasets.incoming.tree import Tree, split_named
from training.datasets.sample import VOTE_COLUMNS
from training.errors import DatasetError

_COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
_NAMES = {"happy": "happiness", "sad": "sadness", "angry": "anger", "not-a-face": "NF"}
_ORDER = [_COLUMNS.index(_NAMES.get(name, name)) for name in VOTE_COLUMNS]


def read_ferplus(path: Path) -> np.ndarray:
    """Read FER+'s `fer2013new.csv`, whose rows are those of FER2013 in the same order.

    The column of image names is not used: it is empty in 173 rows, and four names occur twice.

    Returns:
        Uint8 (rows, 10): numbers of votes in the order of `VOTE_COLUMNS`.

    Raises:
        DatasetError: The file is missing, damaged or not FER+'s, or a row is ill-formed; the message names the row.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; give the path of FER+'s fer2013new.csv")
    table = open_table(path)
    columns = [table.column(name.lower()) if table else None for name in _COLUMNS]
    if missing := [name for name, column in zip(_COLUMNS, columns, strict=True) if not column]:
        raise DatasetError(f"{path}: not FER+'s csv: the first line lacks the column {missing[0]!r}")
    votes = [_votes(fields, f"{path}, row {row}") for row, fields in enumerate(table.read(columns), start=1)]
    return np.array(votes, dtype=np.uint8).reshape(-1, len(VOTE_COLUMNS))


def with_votes(layout: Layout, votes: np.ndarray, path: Path) -> Layout:
    """Give the rows of FER2013 the votes of FER+.

    Args:
        layout: FER2013's csv.
        votes: Uint8 (rows, 10), the result of `read_ferplus`.
        path: The file that the votes were read from, for messages.

    Raises:
        DatasetError: There are not as many votes as rows.
    """
    if len(votes) != len(layout.pictures):
        raise DatasetError(
            f"{path}: has {len(votes)} rows, but the dataset has {len(layout.pictures)}; give the two files that "
            "belong together"
        )
    pictures = [
        replace(picture, votes=tuple(row.tolist())) for picture, row in zip(layout.pictures, votes, strict=True)
    ]
    return replace(layout, pictures=pictures)


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read the folders that FER+'s own program makes: each holds pictures and `label.csv`, which has no header."""
    tables = [path for path in tree.tables if path.name.lower() == "label.csv" and _is_vote_list(path)]
    if not tables:
        return None
    pictures: list[Picture] = []
    lost: list[tuple[str, str]] = []
    for table in tables:
        split = split_named(re.sub(r"^fer(2013|plus)?", "", table.parent.name, flags=re.IGNORECASE))
        for row, (name, _, *fields) in rows_of_text(table):
            votes = _votes(fields, f"{table}, row {row + 1}")
            if path := tree.find(name, table):
                label = VOTE_COLUMNS[int(np.argmax(votes))]
                pictures.append(Picture(tree.name_of(path), label, path, split, votes=votes))
            else:
                lost.append((name, "there is no such file beside its list"))
    return Layout("FER+ folders, each picture with ten votes", pictures, used=frozenset(tables), lost=tuple(lost))


def _is_vote_list(path: Path) -> bool:
    try:
        _, fields = next(rows_of_text(path), (0, []))
    except DatasetError:
        return False
    return len(fields) == 2 + len(_COLUMNS) and fields[1].strip().startswith("(")


def _votes(fields: Sequence[str], where: str) -> tuple[int, ...]:
    try:
        counts = [int(fields[position]) for position in _ORDER]
    except (TypeError, ValueError, IndexError):
        raise DatasetError(f"{where}: a vote is not a whole number") from None
    if min(counts) < 0 or max(counts) > 255:
        raise DatasetError(f"{where}: a vote is outside 0 to 255")
    return tuple(counts)


FORMAT = Format("FER+", "FER2013Train/ FER2013Valid/ FER2013Test/ with label.csv in each", read)
