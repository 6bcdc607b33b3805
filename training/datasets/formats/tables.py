"""Tables with a column of pictures (paths or bytes) and one of labels: csv, JSON lines, Parquet as on Hugging Face."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.datasets.incoming.classes import NUMBERS
from training.datasets.incoming.layout import Box, Format, Hints, Layout, Picture
from training.datasets.incoming.tabular import Table, open_table
from training.datasets.incoming.tree import Tree, is_picture_name, split_in, split_named, split_of_file
from training.errors import DatasetError

_IMAGES = ("image", "img", "picture", "photo", "path", "pth", "file", "filename", "file_name", "filepath", "file_path")
_IMAGES += (
    "image_path",
    "img_path",
    "image_name",
    "img_name",
    "image_file",
    "image_id",
    "subdirectory_filepath",
    "name",
)
_LABELS = ("label", "labels", "emotion", "emotions", "expression", "expressions", "class", "category", "target")
_LABELS += ("emotion_label", "label_name", "class_name", "emotion_name", "facial_expression")
_SPLITS = ("split", "usage", "set", "subset", "partition")
_PERSONS = ("person", "person_id", "subject", "subject_id", "identity", "participant", "participant_id", "actor")
_CORNERS = (("xmin", "ymin", "xmax", "ymax"), ("x_min", "y_min", "x_max", "y_max"), ("x1", "y1", "x2", "y2"))
_SIZES = (("face_x", "face_y", "face_width", "face_height"), ("bbox_x", "bbox_y", "bbox_width", "bbox_height"))


@dataclass(frozen=True)
class _Columns:
    """Which column of a table holds what; empty or None where there is none.

    `labels` is the column with the class, or one column for each class, of which the highest number tells.
    """

    image: str
    labels: tuple[str, ...]
    split: str | None
    person: str | None
    box: tuple[str, ...]
    has_corners: bool


@dataclass
class _Found:
    pictures: list[Picture] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read all tables of a source that name pictures and labels; their names tell the splits if they differ in it."""
    tables = [table for path in tree.tables if (table := open_table(path))]
    fitting = [(table, columns) for table in tables if (columns := _columns(tree, table, hints))]
    if not fitting:
        asks = hints.image or hints.label
        if tables and (tree.file or asks):
            raise _no_columns(tables[0], hints)
        if asks:
            raise DatasetError(f"{tree.root}: --image and --label name columns of a table, but there is no table in it")
        return None
    splits = {table.path: split_of_file(table.path.name) or split_in(tree.name_of(table.path)) for table, _ in fitting}
    if len({*splits.values()} - {None}) < 2:
        splits = {}
    found = _Found()
    for table, columns in fitting:
        _check_no_picture_twice(found, _read(tree, table, columns, splits.get(table.path), found), table.path)
    if not found.pictures:
        name = found.lost[0][0] if found.lost else ""
        raise DatasetError(
            f"{fitting[0][0].path}: none of its pictures is there, such as {name[:80]!r}; put the table beside the "
            "pictures and give the folder"
            if name
            else f"{fitting[0][0].path}: no rows below the header"
        )
    numbers = {number: name for table, columns in fitting for number, name in _numbers(table, columns).items()}
    columns = fitting[0][1]
    labels = (
        repr(columns.labels[0]) if len(columns.labels) == 1 else f"{len(columns.labels)} columns named after classes"
    )
    description = f"table, pictures in the column {columns.image!r}, labels in {labels}"
    return Layout(
        description, found.pictures, numbers, frozenset(table.path for table, _ in fitting), tuple(found.lost)
    )


def _columns(tree: Tree, table: Table, hints: Hints) -> _Columns | None:
    image = table.column(hints.image.lower()) if hints.image else _image_column(tree, table)
    label = table.column(hints.label.lower()) if hints.label else table.column(*_LABELS) or _other(table, image)
    labels = (label,) if label or hints.label else _class_columns(table, hints)
    if not image or not all(labels) or not labels or image == label:
        return None
    corners, sizes = _all_of(table, _CORNERS), _all_of(table, _SIZES)
    return _Columns(
        image, labels, table.column(*_SPLITS), table.column(*_PERSONS), corners or sizes, has_corners=bool(corners)
    )


def _image_column(tree: Tree, table: Table) -> str | None:
    """Find the column of pictures by its type, or by its name, if it has one, and its first value."""
    usual = [column for name in _IMAGES if (column := table.column(name))]
    if binary := [column for column in (*usual, *table.columns) if column in table.binary]:
        return binary[0]
    others = [column for column in table.columns if column not in usual] if table.lacks_header else []
    candidates = [*usual, *others]
    first = next(table.read(candidates), ()) if candidates else ()
    values = dict(zip(candidates, map(str, first), strict=False))
    named = [name for name, value in values.items() if is_picture_name(value)]
    return next(iter(named or [name for name, value in values.items() if tree.find(value, table.path)]), None)


def _other(table: Table, image: str | None) -> str | None:
    """Return the other column of a table of two that has no header."""
    others = [column for column in table.columns if column != image]
    return others[0] if len(others) == 1 and table.lacks_header else None


def _class_columns(table: Table, hints: Hints) -> tuple[str, ...]:
    """Return the columns that are named after expressions, if there are several."""
    found = tuple(column for column in table.columns if not column.isdecimal() and hints.classes.knows(column))
    return found if len(found) > 1 else ()


def _all_of(table: Table, choices: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    for names in choices:
        columns = tuple(column for name in names if (column := table.column(name)))
        if len(columns) == len(names):
            return columns
    return ()


def _numbers(table: Table, columns: _Columns) -> Mapping[str, str]:
    is_affectnet = columns.image.lower() == "subdirectory_filepath"  # its makers' own list of its photographs
    return NUMBERS["affectnet"] if is_affectnet else table.numbers.get(columns.labels[0], {})


def _read(tree: Tree, table: Table, columns: _Columns, split: str | None, found: _Found) -> list[Picture]:
    """List the pictures of one table; those that are not there are added to the lost ones."""
    pictures: list[Picture] = []
    holds_bytes = columns.image in table.binary
    image = table.cell(columns.image) if holds_bytes else None
    asked = [*columns.labels, *([] if holds_bytes else [columns.image]), *columns.box]
    asked += [column for column in (columns.split, columns.person) if column]
    for row, values in enumerate(table.read(asked)):
        fields = dict(zip(asked, values, strict=True))
        name, label = (
            f"{tree.name_of(table.path)}, row {row + 1}",
            _label([(name, fields[name]) for name in columns.labels]),
        )
        content: Path | Callable[[], bytes] | None = None
        if image:
            content = _bytes_of(image, row, tree, table.path)
        elif content := tree.find(named := str(fields[columns.image]), table.path):
            name = tree.name_of(content)
        else:
            found.lost.append((named[:200], f"named in {table.path.name}, but not there"))
            continue
        if not label:
            found.lost.append((name, f"{table.path.name} gives it no label"))
            continue
        own = split_named(str(fields[columns.split])) if columns.split else None
        person = str(fields[columns.person]) if columns.person and fields[columns.person] is not None else None
        box = _box([fields[column] for column in columns.box], columns.has_corners)
        by_folder = split_in(name) if isinstance(content, Path) else None
        pictures.append(Picture(name, label, content, own or split or by_folder, person or None, box=box))
    return pictures


def _label(values: Sequence[tuple[str, Any]]) -> str:
    """Return the class: the one value, or the name of the column whose number is highest; empty if none is."""
    if len(values) == 1:
        return _plain(values[0][1])
    try:
        numbers = {name: float(value) for name, value in values}
    except (TypeError, ValueError):
        return ""
    highest = max(numbers.values())
    names = [name for name, number in numbers.items() if number == highest > 0]
    return names[0] if len(names) == 1 else ""


def _plain(value: Any) -> str:
    """Return a label as text; a list of one label is that label, and nothing is no label."""
    while isinstance(value, list) and len(value) == 1:
        (value,) = value
    return "" if value is None or isinstance(value, list | dict) else " ".join(str(value).split())[:200]


def _box(values: Sequence[Any], has_corners: bool) -> Box | None:
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError):
        return None
    if len(numbers) != 4:
        return None
    left, top, third, fourth = numbers
    return Box(left, top, third - left, fourth - top) if has_corners else Box(left, top, third, fourth)


def _bytes_of(image: Callable[[int], Any], row: int, tree: Tree, table: Path) -> Callable[[], bytes]:
    def read_bytes() -> bytes:
        value = image(row)
        if isinstance(value, dict):  # Hugging Face's `Image`, whose bytes may be left out where the path is enough
            path = value.get("path")
            value = value.get("bytes")
            if value is None and isinstance(path, str) and (found := tree.find(path, table)):
                return found.read_bytes()
        return value if isinstance(value, bytes) else b""

    return read_bytes


def _check_no_picture_twice(found: _Found, pictures: list[Picture], table: Path) -> None:
    earlier = {picture.content for picture in found.pictures if isinstance(picture.content, Path)}
    if twice := next((picture for picture in pictures if picture.content in earlier), None):
        raise DatasetError(f"{table}: labels {twice.name}, which another table labels too; give one of the tables")
    found.pictures += pictures


def _no_columns(table: Table, hints: Hints) -> DatasetError:
    names = ", ".join(table.columns[:12]) + (", …" if len(table.columns) > 12 else "")
    stated = [name for name in (hints.image, hints.label) if name and not table.column(name.lower())]
    if stated:
        return DatasetError(f"{table.path}: has no column {stated[0]!r}; it has {names[:300]}")
    return DatasetError(
        f"{table.path}: no known table: not FER2013's (emotion, pixels, Usage), and which of its columns hold pictures "
        f"and labels is not clear; say it with --image COLUMN --label COLUMN; it has {names[:300]}"
    )


FORMAT = Format(
    "tables",
    "csv, tsv, JSON lines or Parquet with a column of pictures (paths or bytes) and one of labels",
    read,
    rank=20,
    takes_columns=True,
)
