"""RAF-DB, as its makers give it out (a list of labels) and as on Kaggle (folders named 1 to 7)."""

from __future__ import annotations

import re
from pathlib import Path

from training.datasets.incoming.classes import NUMBERS
from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.tree import Tree, split_named
from training.datasets.untrusted import PACKED_DAMAGE, bounded_lines
from training.errors import DatasetError

_FILE = re.compile(r"(train|test)_\d+(_aligned)?", re.IGNORECASE)
_LINE = re.compile(r"((?:train|test)_\d+)\.\w+\s+(\d+)\s*", re.IGNORECASE)


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read either form; of the makers' two pictures of a face, the aligned one is taken."""
    for path in tree.tables:
        if labels := _list(path):
            return _by_list(tree, path, labels)
    pictures = [
        Picture(tree.name_of(path), path.parent.name, path, split_named(match[1]))
        for path in tree.pictures
        if (match := _FILE.fullmatch(path.stem)) and path.parent.name in NUMBERS["raf-db"]
    ]
    if not pictures:
        return None
    tables = frozenset(path for path in tree.tables if path.stem.lower() in ("train_labels", "test_labels"))
    return Layout("RAF-DB, as on Kaggle", pictures, NUMBERS["raf-db"], tables)


def _list(path: Path) -> dict[str, str]:
    """Read a list of labels, `train_00001.jpg 5` in each line; empty if the file is none."""
    labels = {}
    try:
        for line in filter(str.strip, bounded_lines(path)):
            if not (match := _LINE.fullmatch(line)):
                return {}
            labels[match[1].lower()] = match[2]
    except (*PACKED_DAMAGE, UnicodeError, DatasetError):
        return {}
    return labels


def _by_list(tree: Tree, table: Path, labels: dict[str, str]) -> Layout:
    paths: dict[str, Path] = {}
    for path in tree.pictures:
        stem = path.stem.lower()
        name = stem.removesuffix("_aligned")
        if name in labels and (stem != name or name not in paths):
            paths[name] = path
    pictures = [
        Picture(tree.name_of(paths[name]), label, paths[name], split_named(name.partition("_")[0]))
        for name, label in labels.items()
        if name in paths
    ]
    if not pictures:
        raise DatasetError(f"{table}: none of the pictures that it lists is here; unpack aligned.zip beside it")
    lost = tuple((name, f"listed in {table.name}, but not here") for name in labels if name not in paths)
    return Layout("RAF-DB, as its makers give it out", pictures, NUMBERS["raf-db"], frozenset([table]), lost)


FORMAT = Format(
    "RAF-DB",
    "EmoLabel/list_patition_label.txt with Image/aligned/; or train/1/ … test/7/ with train_…_aligned.jpg",
    read,
)
