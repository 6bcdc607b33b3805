"""Opening a source (a csv, a folder or a .zip of either) with the reader that fits its layout."""

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
    """An opened source.

    Attributes:
        name: Name of the file or folder, without suffixes.
        layout: Description of the layout.
        samples: Images as they are, of any size, each with its split; can be iterated once.
        is_fer2013: Whether the rows are those of FER2013's csv, which FER+ votes belong to.
        count: Number of images; None if it is not known beforehand.
        unreadable: Name of each file that could not be read, and the reason; grows while `samples` is iterated.
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
        path: The source; a .zip is unpacked into a temporary folder, which is deleted when the context ends.
        shares: Shares of training, public-test and, if there is a third, private-test, for images whose split the
            source does not tell.
        seed: The same seed assigns images to the same splits.

    Yields:
        The opened source.

    Raises:
        DatasetError: The source is missing or damaged, or its layout is unknown.
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
                raise _naming_zip(error, folder, path) from None
            yield replace(source, samples=_samples_of_zip(source.samples, folder, path))
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
    """Step into a folder as long as it holds one folder only: many a .zip wraps its content in a folder of its name."""
    while True:
        content = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
        if len(content) != 1 or not content[0].is_dir() or is_class(content[0].name) or split_of(content[0]):
            return folder
        folder = content[0]


def _samples_of_zip(samples: Iterator[Sample], folder: str, path: Path) -> Iterator[Sample]:
    try:
        yield from samples
    except DatasetError as error:
        raise _naming_zip(error, folder, path) from None


def _naming_zip(error: DatasetError, folder: str, path: Path) -> DatasetError:
    """Return the same error with the path of the .zip, because the temporary folder is gone when a user reads it."""
    return DatasetError(str(error).replace(str(folder), str(path)))
