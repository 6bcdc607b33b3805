"""Readers of folder layouts: pictures sorted by class, by split and class, or by person."""

from __future__ import annotations

import re
from pathlib import Path

from training.datasets.class_names import class_of, is_class
from training.datasets.pictures import PICTURE_SUFFIXES, Picture, official_split, pictures_below
from training.errors import DatasetError

_SPLIT_NAMES = {"train": "training", "training": "training", "test": "private-test", "testing": "private-test"}
_SPLIT_NAMES |= {"privatetest": "private-test", "publictest": "public-test"}
_SPLIT_NAMES |= dict.fromkeys(("validation", "valid", "val"), "public-test")


def find_pictures(root: Path) -> tuple[str, list[Picture]]:
    """The layout of a folder, in words, and its pictures.

    Known are: `train/ test/` or `train/ validation/ test/` of class folders; class folders, with or without `face_`
    before the name, where a folder inside a class folder is one person; `images/<person>/<Emotion>.jpg` beside an
    `emotions.csv`.

    Raises:
        DatasetError: no such layout, a class that nobody knows, or no pictures.
    """
    children = subfolders(root)
    if (root / "images").is_dir() and any(path.name.lower() == "emotions.csv" for path in root.iterdir()):
        layout, pictures = "portraits by person", _portraits(root / "images")
    elif any(split_of(child) for child in children):
        layout, pictures = "folders by split and class", _split_folders(root, children)
    elif any(is_class(child.name) for child in children):
        layout, pictures = "folders by class", _class_folders(root, children)
    else:
        raise _unknown_layout(root, children)
    if not pictures:
        raise DatasetError(f"{root}: its folders hold no pictures ({', '.join(sorted(PICTURE_SUFFIXES))})")
    return layout, pictures


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, in order; hidden ones are left alone."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__MACOSX")))


def _portraits(images: Path) -> list[Picture]:
    return [
        Picture(path, class_of(path.stem, path), person=path.parent.relative_to(images).as_posix())
        for path in pictures_below(images)
    ]


def _split_folders(root: Path, children: list[Path]) -> list[Picture]:
    pictures = []
    for child in children:
        if not (split := split_of(child)):
            raise DatasetError(f"{child}: neither train, validation nor test, as the folders beside it; move it away")
        pictures += _class_folders(child, subfolders(child), split)
    return pictures


def _class_folders(root: Path, children: list[Path], split: str | None = None) -> list[Picture]:
    if stray := next((path for path in sorted(root.iterdir()) if path.suffix.lower() in PICTURE_SUFFIXES), None):
        raise DatasetError(f"{stray}: lies in no class folder; move it into one")
    return [
        Picture(path, label, official_split(path) or split, _person(path, child))
        for child in children
        for label in [class_of(child.name, child)]
        for path in pictures_below(child)
    ]


def _person(path: Path, class_folder: Path) -> str | None:
    parts = path.relative_to(class_folder).parts[:-1]
    return "/".join(parts) or None


def split_of(folder: Path) -> str | None:
    """The split that a folder's name means, if any."""
    return _SPLIT_NAMES.get(re.sub(r"[ _-]", "", folder.name).lower())


def _unknown_layout(root: Path, children: list[Path]) -> DatasetError:
    if len(children) > 1 or (children and children[0].name.isdigit()):
        class_of(children[0].name, children[0])  # raises, and lists the known names
    return DatasetError(
        f"{root}: no known layout; it should hold fer2013.csv, folders named after expressions, train/ and test/ "
        "with such folders in them, or images/PERSON/EXPRESSION.jpg beside emotions.csv"
    )
