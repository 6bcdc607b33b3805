"""FER2013 as Kaggle has it: a csv with the columns emotion, pixels and, in most of its files, Usage."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from core.faces.alignment import SIDE
from training.datasets.incoming.classes import NUMBERS, number_of
from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.tabular import Table, open_table
from training.datasets.incoming.tree import Tree, split_named
from training.errors import DatasetError

USAGES = {"Training": "training", "PublicTest": "public-test", "PrivateTest": "private-test"}
"""Split by the value of the column Usage."""


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read FER2013's csv, alone or in a folder, where a table with Usage is preferred to one without."""
    tables = [table for path in tree.tables if (table := open_table(path)) and _is_fer2013(table)]
    with_usage = [table for table in tables if table.column("usage")]
    tables = with_usage or tables
    if not tables:
        return None
    if len(tables) > 1:
        names = " and ".join(table.path.name for table in tables)
        raise DatasetError(f"{tree.root}: holds {names}, which may be the same images twice; give one of them")
    (table,) = tables
    pictures = list(_pictures(table, hints))
    if not pictures:
        raise DatasetError(f"{table.path}: no rows below the header")
    description = "FER2013 csv" if with_usage else "FER2013 csv without splits"
    return Layout(description, pictures, NUMBERS["fer2013"], frozenset([table.path]), is_fer2013=True)


def _is_fer2013(table: Table) -> bool:
    return bool(table.column("pixels") and _label_column(table)) and not table.binary


def _label_column(table: Table) -> str | None:
    return table.column("emotion", "emotions", "label", "expression", "class")


def _pictures(table: Table, hints: Hints) -> Iterator[Picture]:
    usage = table.column("usage")
    columns = [column for column in (_label_column(table), table.column("pixels"), usage) if column]
    for row, (label, pixels, *split) in enumerate(table.read(columns), start=1):
        try:
            yield Picture(f"row {row}", _label(str(label), hints), _image(str(pixels)), _split(*map(str, split)))
        except _BadRow as error:
            raise DatasetError(f"{table.path}, row {row}: {error}") from None


class _BadRow(Exception):
    pass


def _label(text: str, hints: Hints) -> str:
    number = number_of(text)
    is_number = not re.match(r"[^\W\d_]", number)
    if is_number and number not in NUMBERS["fer2013"] and not hints.classes.knows(number):
        last = len(NUMBERS["fer2013"]) - 1
        raise _BadRow(f"emotion {text[:40]!r} is not a number from 0 to {last}; say what others are with --classes")
    return number


def _split(usage: str | None = None) -> str | None:
    if usage is None:
        return None
    if not (split := split_named(usage)):
        raise _BadRow(f"Usage {usage[:40]!r} is none of {', '.join(USAGES)}")
    return split


def _image(text: str) -> np.ndarray:
    numbers = text.translate(_BETWEEN).split()
    if len(numbers) != SIDE * SIDE:
        raise _BadRow(f"{len(numbers)} pixels instead of {SIDE * SIDE}; is the file cut short?")
    try:
        levels = bytes(map(_LEVELS.__getitem__, numbers))
    except KeyError:
        levels = _unusual(numbers)
    return np.frombuffer(levels, np.uint8).reshape(SIDE, SIDE)


_BETWEEN = str.maketrans("[],;", "    ")
_LEVELS = {
    str(level): level for level in range(256)
}  # looking them up is four times as fast as NumPy's reading of text


def _unusual(numbers: list[str]) -> bytes:
    """Read pixels of which one is written as `007` or is no grey level at all."""
    try:
        values = [int(number) for number in numbers]
    except ValueError:
        raise _BadRow("a pixel is not a whole number") from None
    if min(values) < 0 or max(values) > 255:
        raise _BadRow("a pixel is outside 0 to 255")
    return bytes(values)


FORMAT = Format("FER2013", "fer2013.csv, icml_face_data.csv or train.csv: the columns emotion, pixels, Usage", read)
