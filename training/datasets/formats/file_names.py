"""Datasets whose file names tell person and expression: JAFFE, KDEF, RaFD, NimStim and other sets of posed pictures."""

from __future__ import annotations

from collections import Counter

from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.persons import SCHEMES, told_by_name
from training.datasets.incoming.tree import Tree, split_in


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read pictures whose names fit a known scheme, in whatever folders they lie."""
    named = [(path, told_by_name(path.name)) for path in tree.pictures]
    named = [(path, told) for path, told in named if told and told.expression]
    if not named:
        return None
    counts = Counter(told.scheme for _, told in named)
    pictures = [
        Picture(name, told.expression, path, split_in(name), f"{told.scheme}-{told.person}")
        for path, told in named
        for name in [tree.name_of(path)]
    ]
    return Layout(f"file names of {' and '.join(counts)}", pictures)


_NAMES = ", ".join(scheme.name for scheme in SCHEMES if scheme.codes)

FORMAT = Format("file names", f"pictures named as those of {_NAMES}", read, rank=15)
