"""Folders named after expressions, perhaps inside folders named after splits; folders in them are people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.tree import Tree, split_in, split_named
from training.errors import DatasetError

_OFFICIAL = re.compile(r"^(Training|PublicTest|PrivateTest)_\d+", re.IGNORECASE)


def official_split(path: Path) -> str | None:
    """Read FER2013's split off a file name such as `PrivateTest_10131363.jpg`; None if the name does not tell."""
    match = _OFFICIAL.match(path.name)
    return split_named(match[1]) if match else None


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read class folders, which may lie in folders of splits, in one folder with all, or in folders of people."""
    ways = [PurePosixPath(tree.name_of(path)).parts for path in tree.pictures]
    knows = cache(hints.classes.knows)
    start = _common(ways, knows)
    tops = dict.fromkeys(parts[start] for parts in ways if len(parts) > start + 1)
    splits = {top: split_named(top) for top in tops}
    has_splits = any(splits.values())
    at = next(
        (depth for depth in range(start + has_splits, start + has_splits + 2) if _are_classes(ways, depth, knows)), -1
    )
    if at < 0:
        return None
    if has_splits and (stray := next((top for top, split in splits.items() if not split), None)):
        raise DatasetError(
            f"{tree.root}: {stray} is neither train, validation nor test as the folders beside it; move it away"
        )
    pictures = []
    for path, parts in zip(tree.pictures, ways, strict=True):
        if len(parts) < at + 2:
            if has_splits and len(parts) > start + 1:
                continue  # many a test/ has no labels; what is passed over is named
            raise DatasetError(f"{path}: lies in no class folder; move it into one")
        inside = parts[at + 1 : -1]
        people = "/".join((*parts[start + has_splits : at], *(part for part in inside if not split_named(part))))
        split = official_split(path) or splits[parts[start]] or split_in("/".join(parts[at + 1 :]))
        pictures.append(Picture(tree.name_of(path), parts[at], path, split, people or None))
    return Layout("folders by split and class" if has_splits else "folders by class", pictures)


def _common(ways: Sequence[tuple[str, ...]], knows: Callable[[str], bool]) -> int:
    """Count the folders that all pictures lie in and that are named after neither a class nor a split."""
    depth = 0
    while ways and all(len(parts) > depth + 1 and parts[depth] == ways[0][depth] for parts in ways):
        if knows(ways[0][depth]) or split_named(ways[0][depth]):
            break
        depth += 1
    return depth


def _are_classes(ways: Sequence[tuple[str, ...]], depth: int, knows: Callable[[str], bool]) -> bool:
    return any(len(parts) > depth + 1 and knows(parts[depth]) for parts in ways)


FORMAT = Format(
    "folders by class",
    "angry/ happy/ …, also in train/ validation/ test/; folders in or around them are people",
    read,
    rank=10,
)
