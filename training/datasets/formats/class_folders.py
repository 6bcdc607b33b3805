"""Folders named after expressions, perhaps inside folders named after splits; folders in them are people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.tree import Tree, split_named
from training.errors import DatasetError

_OFFICIAL = re.compile(r"^(Training|PublicTest|PrivateTest)_\d+", re.IGNORECASE)


def official_split(path: Path) -> str | None:
    """Read FER2013's split off a file name such as `PrivateTest_10131363.jpg`; None if the name does not tell."""
    match = _OFFICIAL.match(path.name)
    return split_named(match[1]) if match else None


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read class folders, if at least one of them is named after an expression."""
    names = [PurePosixPath(tree.name_of(path)).parts for path in tree.pictures]
    tops = dict.fromkeys(parts[0] for parts in names if len(parts) > 1)
    splits = {top: split_named(top) for top in tops}
    if any(splits.values()):
        return _by_split(tree, hints, names, splits)
    if not any(hints.classes.knows(top) for top in tops):
        return None
    _check_none_is_loose(tree, names, depth=1)
    pictures = [_picture(tree, path, parts, None) for path, parts in zip(tree.pictures, names, strict=True)]
    return Layout("folders by class", pictures)


def _by_split(
    tree: Tree, hints: Hints, names: Sequence[tuple[str, ...]], splits: dict[str, str | None]
) -> Layout | None:
    if not any(hints.classes.knows(parts[1]) for parts in names if len(parts) > 2):
        return None
    if stray := next((top for top, split in splits.items() if not split), None):
        raise DatasetError(
            f"{tree.root / stray}: neither train, validation nor test as the folders beside it; move it away"
        )
    _check_none_is_loose(tree, names, depth=2)
    pictures = [
        _picture(tree, path, parts[1:], splits[parts[0]]) for path, parts in zip(tree.pictures, names, strict=True)
    ]
    return Layout("folders by split and class", pictures)


def _picture(tree: Tree, path: Path, parts: tuple[str, ...], split: str | None) -> Picture:
    label, *people, _ = parts
    return Picture(tree.name_of(path), label, path, official_split(path) or split, "/".join(people) or None)


def _check_none_is_loose(tree: Tree, names: Sequence[tuple[str, ...]], depth: int) -> None:
    if stray := next((path for path, parts in zip(tree.pictures, names, strict=True) if len(parts) <= depth), None):
        raise DatasetError(f"{stray}: lies in no class folder; move it into one")


FORMAT = Format(
    "folders by class",
    "angry/ happy/ …, also in train/ validation/ test/; folders inside them are people",
    read,
    rank=10,
)
