"""Reading folders of pictures that are sorted by class, by split and class, or by person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import ImageError
from core.images import read_image
from core.labels import FERPLUS8, UnknownLabelError
from training.datasets.sample import PICTURE_SUFFIXES, SPLITS, VOTE_COLUMNS, Sample
from training.datasets.splitting import assign_splits
from training.errors import DatasetError

_PREFIX = re.compile(r"^(face|\d+)[ _.-]+(?=[^\d])", re.IGNORECASE)


def class_of(name: str, where: Path | str) -> int:
    """Find the class that a name stands for in any usual spelling: `happy`, `Happiness`, `face_happy` or `3_happy`.

    A bare number is refused, because FER2013's 0 is angry and AffectNet's is neutral.

    Args:
        name: The name.
        where: File or folder that has the name, for the message.

    Returns:
        Index into `FERPLUS8`.

    Raises:
        DatasetError: The name is unknown; the message lists all that are known.
    """
    try:
        return FERPLUS8.index(_PREFIX.sub("", name.strip()))
    except UnknownLabelError as error:
        hint = " (numbers mean other classes in every dataset; rename the folders)" if name.strip().isdigit() else ""
        raise DatasetError(f"{where}: {error}{hint}") from None


def is_class(name: str) -> bool:
    """Tell whether `class_of` knows a name."""
    try:
        class_of(name, "")
    except DatasetError:
        return False
    return True


_OFFICIAL = re.compile(r"^(Training|PublicTest|PrivateTest)_\d+", re.IGNORECASE)
_OFFICIAL_SPLITS = {"training": "training", "publictest": "public-test", "privatetest": "private-test"}
_CONTEMPT = FERPLUS8.index("contempt")


@dataclass(frozen=True)
class Picture:
    """A picture file.

    Attributes:
        path: Path of the file.
        label: Index into `FERPLUS8`.
        split: Name of its split; None if the folder does not tell.
        person: Identifier of the person shown; None if the folder does not tell.
    """

    path: Path
    label: int
    split: str | None = None
    person: str | None = None


def pictures_below(folder: Path) -> list[Path]:
    """List the picture files in a folder and its subfolders, sorted; hidden ones are left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_SUFFIXES
        and path.is_file()
        and not any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
    )


def official_split(path: Path) -> str | None:
    """Read FER2013's split off a file name such as `PrivateTest_10131363.jpg`; None if the name does not tell."""
    match = _OFFICIAL.match(path.name)
    return _OFFICIAL_SPLITS[match[1].lower()] if match else None


def with_splits(pictures: Sequence[Picture], shares: Sequence[float], seed: int) -> list[Picture]:
    """Give every picture a split.

    Pictures without one are assigned. If all have one and none is in "public-test", a part of Training becomes
    "public-test", because models are chosen and calibrated on pictures that are neither trained nor tested on.

    Args:
        pictures: Pictures with or without a split.
        shares: Shares of training, public-test and, if there is a third, private-test. Where "public-test" is taken
            from Training, the first two are its ratio.
        seed: The same seed gives the same splits.
    """
    unassigned = [i for i, picture in enumerate(pictures) if picture.split is None]
    names: Sequence[str] = SPLITS
    if not unassigned and not any(picture.split == "public-test" for picture in pictures):
        unassigned = [i for i, picture in enumerate(pictures) if picture.split == "training"]
        shares = [share / sum(shares[:2]) for share in shares[:2]]
        names = SPLITS[:2]
    splits = assign_splits(
        [pictures[i].label for i in unassigned], [pictures[i].person for i in unassigned], shares, seed, names
    )
    result = list(pictures)
    for i, split in zip(unassigned, splits, strict=True):
        result[i] = replace(result[i], split=split)
    return result


def read_pictures(pictures: Iterable[Picture], root: Path, unreadable: list[tuple[str, str]]) -> Iterator[Sample]:
    """Yield the pictures as they are, of any size.

    If any picture is labelled contempt, each label also becomes ten votes, so that models of eight classes learn from
    the dataset as they do from FER+. A damaged file is left out and listed: among thousands of downloaded files there
    often is one.

    Args:
        pictures: Pictures, each with a split.
        root: Folder that the names of samples are relative to.
        unreadable: List that the name of each damaged file, and the reason, are appended to.
    """
    pictures = list(pictures)
    has_contempt = any(picture.label == _CONTEMPT for picture in pictures)
    for picture in pictures:
        name = picture.path.relative_to(root).as_posix()
        try:
            image = read_image(picture.path)
        except ImageError as error:
            unreadable.append((name, str(error)))
            continue
        votes = tuple(10 * (i == picture.label) for i in range(len(VOTE_COLUMNS))) if has_contempt else None
        yield Sample(image, picture.label, picture.split, votes, person=picture.person, name=name)


_SPLIT_NAMES = {"train": "training", "training": "training", "test": "private-test", "testing": "private-test"}
_SPLIT_NAMES |= {"privatetest": "private-test", "publictest": "public-test"}
_SPLIT_NAMES |= dict.fromkeys(("validation", "valid", "val"), "public-test")


def find_pictures(root: Path) -> tuple[str, list[Picture]]:
    """Recognise the layout of a folder and list its pictures.

    Three layouts are known: `train/ test/` or `train/ validation/ test/`, which hold class folders; class folders,
    with or without `face_` before the name, in which a folder is one person; and `images/<person>/<Emotion>.jpg`
    beside an `emotions.csv`.

    Returns:
        A description of the layout, and the pictures.

    Raises:
        DatasetError: The layout or the name of a class is unknown, or there are no pictures.
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
    """List the folders in a folder, sorted; hidden ones are left out."""
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
            raise DatasetError(
                f"{child}: neither train, validation nor test as the folders beside it are; move it away"
            )
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
    """Find the split that a folder's name stands for; None if it is no name of a split."""
    return _SPLIT_NAMES.get(re.sub(r"[ _-]", "", folder.name).lower())


def _unknown_layout(root: Path, children: list[Path]) -> DatasetError:
    if len(children) > 1 or (children and children[0].name.isdigit()):
        class_of(children[0].name, children[0])  # raises an error that lists the known names
    return DatasetError(
        f"{root}: no known layout; it should hold fer2013.csv, folders named after expressions, train/ and test/ "
        "with such folders in them, or images/PERSON/EXPRESSION.jpg beside emotions.csv"
    )
