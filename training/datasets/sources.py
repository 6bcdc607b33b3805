"""SOURCE -> samples: which layout it is, and the reader that fits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from training.datasets.fer2013 import is_fer2013, read_fer2013
from training.datasets.folders import find_pictures, is_class, read_pictures, split_of, with_splits
from training.datasets.sample import Sample
from training.datasets.untrusted import unpack
from training.errors import DatasetError


@dataclass(frozen=True)
class Source:
    """One source, opened.

    Attributes:
        name: The file's or folder's, without its suffixes.
        layout: In words.
        samples: Its images as they are, of any size, each with its split; to be gone through once.
        is_fer2013: Whether the rows are those of FER2013's csv, which FER+ votes belong to.
        count: How many images, where that is known beforehand.
        unreadable: Name of each file that could not be read, and why; grows while `samples` are gone through.
    """

    name: str
    layout: str
    samples: Iterator[Sample]
    is_fer2013: bool = False
    count: int | None = None
    unreadable: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def read_source(path: Path, shares: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0) -> Iterator[Source]:
    """Open a csv, a folder or a .zip of either, in any of the known layouts.

    Args:
        path: The source; a .zip is unpacked into a private folder for as long as the context lasts.
        shares: Of training, public-test and private-test, for images whose split the source does not tell.
        seed: Of that sharing.

    Raises:
        DatasetError: the source is missing, damaged or of no known layout.
    """
    name = path.resolve().name
    for suffix in (".gz", ".zip", ".csv"):
        name = name.removesuffix(suffix)
    if path.is_dir():
        yield _folder(path, path, name, shares, seed)
    elif not path.is_file():
        raise DatasetError(
            f"{path}: no such file or folder; give fer2013.csv, a folder of pictures or a .zip of either"
        )
    elif path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory(prefix="mien-import-") as folder:
            unpack(path, Path(folder))
            try:
                source = _folder(Path(folder), path, name, shares, seed)
            except DatasetError as error:
                raise _renamed(error, folder, path) from None
            yield replace(source, samples=_named_after(source.samples, folder, path))
    elif path.suffix.lower() in (".csv", ".gz"):
        yield _csv(path, name)
    else:
        raise DatasetError(f"{path}: neither .csv, .csv.gz, .zip nor a folder; give one of these")


def _folder(root: Path, shown: Path, name: str, shares: Sequence[float], seed: int) -> Source:
    root = _unwrapped(root)
    tables = [path for path in sorted(root.iterdir()) if is_fer2013(path)]
    if len(tables) > 1:
        names = " and ".join(path.name for path in tables)
        raise DatasetError(f"{shown}: holds {names}, which may be the same images twice; give one of them")
    if tables:
        return _csv(tables[0], name)
    layout, pictures = find_pictures(root)
    pictures = with_splits(pictures, shares, seed)
    unreadable: list[tuple[str, str]] = []
    samples = (
        replace(sample, source=name, person=sample.person and f"{name}/{sample.person}")
        for sample in read_pictures(pictures, root, unreadable)
    )
    return Source(name, layout, samples, count=len(pictures), unreadable=unreadable)


def _csv(path: Path, name: str) -> Source:
    return Source(name, "FER2013 csv", (replace(row, source=name) for row in read_fer2013(path)), is_fer2013=True)


def _unwrapped(folder: Path) -> Path:
    """The folder itself, or the only thing in it: a .zip often wraps its content in a folder of its own name."""
    while True:
        content = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
        if len(content) != 1 or not content[0].is_dir() or is_class(content[0].name) or split_of(content[0]):
            return folder
        folder = content[0]


def _named_after(samples: Iterator[Sample], folder: str, path: Path) -> Iterator[Sample]:
    try:
        yield from samples
    except DatasetError as error:
        raise _renamed(error, folder, path) from None


def _renamed(error: DatasetError, folder: str, path: Path) -> DatasetError:
    """The same said of the .zip: nobody can look into the private folder afterwards."""
    return DatasetError(str(error).replace(str(folder), str(path)))
