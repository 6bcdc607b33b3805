"""ExpW: photographs from the web, and `label.lst` with a box and a label for each face."""

from __future__ import annotations

from pathlib import Path

from training.datasets.incoming.classes import NUMBERS
from training.datasets.incoming.layout import Box, Format, Hints, Layout, Picture
from training.datasets.incoming.tree import Tree, is_picture_name
from training.datasets.untrusted import PACKED_DAMAGE, bounded_lines
from training.errors import DatasetError

_FIELDS = 8  # picture, number of the face, top, left, right and bottom edge, confidence of the detector, label


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read the list of faces and the pictures that it names, in whatever folder they lie."""
    for path in tree.tables:
        if rows := _rows(path):
            return _layout(tree, path, rows)
    return None


def _rows(path: Path) -> list[tuple[str, Box, str]]:
    """Read a list of faces; empty if the file is none."""
    rows = []
    try:
        for line in filter(str.strip, bounded_lines(path)):
            fields = line.split()
            if len(fields) != _FIELDS or not is_picture_name(fields[0]):
                return []
            top, left, right, bottom = map(float, fields[2:6])
            rows.append((fields[0], Box(left, top, right - left, bottom - top), fields[-1]))
    except (*PACKED_DAMAGE, UnicodeError, DatasetError):
        return []
    return rows


def _layout(tree: Tree, table: Path, rows: list[tuple[str, Box, str]]) -> Layout:
    pictures: list[Picture] = []
    lost: list[tuple[str, str]] = []
    for name, box, label in rows:
        if path := tree.find(name, table):
            pictures.append(Picture(tree.name_of(path), label, path, box=box))
        else:
            lost.append((name, f"listed in {table.name}, but not here"))
    if not pictures:
        raise DatasetError(f"{table}: none of the pictures that it lists is here; unpack them beside it")
    return Layout("ExpW, a crop for each box", pictures, NUMBERS["expw"], frozenset([table]), tuple(lost))


FORMAT = Format("ExpW", "label.lst (picture, face, top, left, right, bottom, confidence, label) and origin/", read)
