"""Portraits by person, as Kaggle has them: `images/PERSON/EXPRESSION.jpg` beside `emotions.csv`."""

from __future__ import annotations

from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.tree import Tree


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read portraits whose file names are expressions and whose folders are people."""
    table = next(
        (path for path in tree.others if path.name.lower() == "emotions.csv" and path.parent == tree.root), None
    )
    images = tree.root / "images"
    portraits = [path for path in tree.pictures if path.is_relative_to(images)]
    if not table or not portraits:
        return None
    pictures = [
        Picture(tree.name_of(path), path.stem, path, person=path.parent.relative_to(images).as_posix())
        for path in portraits
    ]
    return Layout("portraits by person", pictures, used=frozenset([table]))


FORMAT = Format("portraits by person", "images/PERSON/EXPRESSION.jpg beside emotions.csv", read)
