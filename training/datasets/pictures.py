"""Picture files of a source, each with its class: what every folder layout comes down to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import ImageError
from core.images import read_image
from core.labels import FERPLUS8
from training.datasets.ferplus import VOTE_COLUMNS
from training.datasets.sample import Sample
from training.datasets.splitting import SPLITS, assign_splits

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".avif", ".jp2"}
)

_OFFICIAL = re.compile(r"^(Training|PublicTest|PrivateTest)_\d+", re.IGNORECASE)
_OFFICIAL_SPLITS = {"training": "training", "publictest": "public-test", "privatetest": "private-test"}
_CONTEMPT = FERPLUS8.index("contempt")


@dataclass(frozen=True)
class Picture:
    """A picture file.

    Attributes:
        path: Where it lies.
        label: Index into `FERPLUS8`.
        split: Where the source says it; else None.
        person: Who it shows, where the source says it; else None.
    """

    path: Path
    label: int
    split: str | None = None
    person: str | None = None


def pictures_below(folder: Path) -> list[Path]:
    """Every picture file in a folder and its subfolders, in order; hidden files are left alone."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_SUFFIXES
        and path.is_file()
        and not any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
    )


def official_split(path: Path) -> str | None:
    """FER2013's split where Kaggle's name tells it: `PrivateTest_10131363.jpg`."""
    match = _OFFICIAL.match(path.name)
    return _OFFICIAL_SPLITS[match[1].lower()] if match else None


def with_splits(pictures: Sequence[Picture], shares: Sequence[float], seed: int) -> list[Picture]:
    """Every picture with a split.

    Those that have none are shared out. Where all have one and none is "public-test", a part of Training becomes it,
    in the ratio of the first two shares: what is chosen and calibrated must be so on pictures that are neither learnt
    from nor the test.
    """
    homeless = [i for i, picture in enumerate(pictures) if picture.split is None]
    names: Sequence[str] = SPLITS
    if not homeless and not any(picture.split == "public-test" for picture in pictures):
        homeless = [i for i, picture in enumerate(pictures) if picture.split == "training"]
        shares = [share / sum(shares[:2]) for share in shares[:2]]
        names = SPLITS[:2]
    splits = assign_splits(
        [pictures[i].label for i in homeless], [pictures[i].person for i in homeless], shares, seed, names
    )
    result = list(pictures)
    for i, split in zip(homeless, splits, strict=True):
        result[i] = replace(result[i], split=split)
    return result


def read_pictures(pictures: Iterable[Picture], root: Path, unreadable: list[tuple[str, str]]) -> Iterator[Sample]:
    """Yield the pictures as they are, of any size.

    Where a source tells contempt from the other seven, each of its labels stands for ten votes: a model of eight
    classes learns from them, as it does from FER+. A file that is no whole picture is left out and listed, for among
    thousands of downloaded files one often is.

    Args:
        pictures: What to read.
        root: Folder that names are given from.
        unreadable: Takes the name of each file that cannot be read, and why.
    """
    pictures = list(pictures)
    tells_contempt = any(picture.label == _CONTEMPT for picture in pictures)
    for picture in pictures:
        name = picture.path.relative_to(root).as_posix()
        try:
            image = read_image(picture.path)
        except ImageError as error:
            unreadable.append((name, str(error)))
            continue
        votes = tuple(10 * (i == picture.label) for i in range(len(VOTE_COLUMNS))) if tells_contempt else None
        yield Sample(image, picture.label, picture.split, votes, person=picture.person, name=name)
