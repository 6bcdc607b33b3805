"""Pictures whose file names say the expression in a word, such as `anna_happy_3.jpg` or `angry.12.png`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from core.labels import UnknownLabelError
from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.tree import Tree, split_in

_LEAST = 0.8  # share of the pictures whose names must tell, before they are taken to tell at all


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read pictures of whose names nearly all hold words for one expression, and for one only."""
    label_of = cache(hints.classes.label_of)

    def word_of(path: Path) -> str | None:
        found = {}
        for word in re.findall(r"[^\W\d_]+", path.stem):
            try:
                found.setdefault(label_of(word), word)
            except UnknownLabelError:
                continue
        return next(iter(found.values())) if len(found) == 1 else None

    words = {path: word_of(path) for path in tree.pictures}
    told = {path: word for path, word in words.items() if word}
    if not told or len(told) < _LEAST * len(words):
        return None
    pictures = [Picture(tree.name_of(path), word, path, split_in(tree.name_of(path))) for path, word in told.items()]
    return Layout("file names with the expression in them", pictures)


FORMAT = Format("words in file names", "pictures named anna_happy_3.jpg, angry.12.png or the like", read, rank=30)
