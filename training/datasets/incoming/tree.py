"""`Tree`: the files of a source, whichever format they are in."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath, PurePosixPath

from core.errors import ImageError
from core.images import PICTURE_SUFFIXES, pictures_in
from training.datasets.incoming.classes import Classes
from training.datasets.untrusted import archive_kind
from training.errors import DatasetError

_SPLITS = {
    "training": ("train", "training"),
    "public-test": ("validation", "valid", "val", "dev", "publictest"),
    "private-test": ("test", "testing", "eval", "evaluation", "privatetest"),
}
_SPLIT_NAMES = {name: split for split, names in _SPLITS.items() for name in names}
_ARCHIVES = {".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".rar", ".7z"}
_MOST_TEXTS = 100  # more .txt files than so many are notes beside pictures, such as YOLO's, and no tables


def split_named(name: str) -> str | None:
    """Find the split that a name stands for, such as `Train`, `val_set` or `PublicTest`; None if it is no such name."""
    plain = re.sub(r"[\s_.\-]", "", str(name)).lower()
    return _SPLIT_NAMES.get(plain) or _SPLIT_NAMES.get(re.sub(r"(set|data|images|imgs|folder)$", "", plain))


def split_in(name: str) -> str | None:
    """Find the split that a folder on the way to a file stands for; None if there is none."""
    folders = PurePosixPath(name).parts[:-1]
    return next((split for folder in reversed(folders) if (split := split_named(folder))), None)


def split_of_file(name: str) -> str | None:
    """Find the split that a word of a file's name stands for, such as `train-00000-of-00002` or `labels_val2017`."""
    words = re.split(r"[\W\d_]+", PurePosixPath(name).stem)
    return next((split for word in words if (split := split_named(word))), None)


@dataclass(frozen=True)
class Tree:
    """The files of a source, hidden ones not counted.

    Attributes:
        root: The folder; of a source that is one file, the file's folder.
        pictures: Picture files, by their suffixes, in order.
        others: All other files, in order.
        file: The file, if the source is one file that is no archive.
        roams: Whether a table may name pictures outside the folder.
    """

    root: Path
    pictures: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    file: Path | None = None
    roams: bool = False

    @classmethod
    def of_folder(cls, folder: Path, classes: Classes, roams: bool = False) -> Tree:
        """List a folder, and step into folders that only wrap the content, as many a .zip has one of its own name.

        Raises:
            DatasetError: The folder may not be opened.
        """
        try:
            root = _unwrapped(folder, classes)
            found = pictures_in(root)
        except (ImageError, OSError) as error:
            raise DatasetError(f"{folder}: cannot be opened ({error}); check its permissions") from None
        pictures, others = (
            tuple(path for path in paths if "__MACOSX" not in path.relative_to(root).parts)
            for paths in (found.wanted, found.passed_over)
        )
        return cls(root, pictures, others, roams=roams)

    @classmethod
    def of_file(cls, path: Path, roams: bool = False) -> Tree:
        """Take one file for a source."""
        return cls(path.parent, (), (path,), path, roams)

    def name_of(self, path: Path) -> str:
        """Return the path of a file within the source, with / between its parts."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()

    @cached_property
    def tables(self) -> tuple[Path, ...]:
        """The files that may be tables by their suffixes; what they are is told by their content."""
        if self.file:
            return (self.file,)
        texts = [path for path in self.others if path.suffix.lower() in (".txt", "")]
        tables = {".csv", ".tsv", ".lst", ".json", ".jsonl", ".ndjson", ".parquet", ".gz"}
        plain = [path for path in self.others if path.suffix.lower() in tables]
        return tuple(sorted([*plain, *(texts if len(texts) <= _MOST_TEXTS else [])]))

    @cached_property
    def archives(self) -> tuple[Path, ...]:
        """The archives that hold the pictures, if the source is a folder without any pictures outside archives."""
        if self.pictures or self.file:
            return ()
        packed = [path for path in self.others if path.suffix.lower() in _ARCHIVES]
        return tuple(path for path in packed if archive_kind(path))

    def find(self, text: str, table: Path) -> Path | None:
        """Find the picture that a table names.

        Tables name pictures from their own folder or the source's, with Windows' backslashes, or from a folder on the
        machine of whoever wrote them: the file that shares most of the path's end is taken, if there is only one such.

        Args:
            text: Path as the table gives it.
            table: The table.

        Returns:
            The file; None if there is none, or it lies outside the source.
        """
        path = PurePosixPath(text.strip().replace("\\", "/"))
        if not path.name or "\0" in text:
            return None
        for folder in (table.parent, self.root):
            if (found := self._inside(folder / path)) is not None:
                return found
        return self._by_end(path.parts)

    def _inside(self, path: Path) -> Path | None:
        try:
            real = path.resolve()
            if not self.roams and not real.is_relative_to(self.root.resolve()):
                return None
            return path if real.is_file() else None
        except (OSError, ValueError, RuntimeError):  # a name that is too long, or a circle of links
            return None

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        """The pictures by name, with and without suffix; beside a table that is the whole source, those below it."""
        found: dict[str, list[Path]] = {}
        for path in pictures_in(self.root).wanted if self.file else self.pictures:
            for name in (path.name, path.stem):
                found.setdefault(name.lower(), []).append(path)
        return found

    def _by_end(self, parts: tuple[str, ...]) -> Path | None:
        try:
            paths = self._by_name.get(parts[-1].lower(), [])
        except ImageError:  # the folder may not be opened
            return None
        lengths = [_shared_end(path.parent.parts, parts[:-1]) for path in paths]
        if not lengths or lengths.count(max(lengths)) > 1:
            return None
        return self._inside(paths[lengths.index(max(lengths))])


def _shared_end(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Count the folders that two ways end with alike."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0].lower() == pair[1].lower(), pairs))


def is_picture_name(text: object) -> bool:
    """Tell whether a text ends as the name of a picture file does.

    Examples:
        >>> is_picture_name("images/angry_0.jpg"), is_picture_name("angry")
        (True, False)
    """
    return isinstance(text, str) and PurePath(text.strip()).suffix.lower() in PICTURE_SUFFIXES


def _unwrapped(folder: Path, classes: Classes) -> Path:
    while True:
        content = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
        if len(content) != 1 or not content[0].is_dir():
            return folder
        if classes.knows(content[0].name) or split_named(content[0].name):
            return folder
        folder = content[0]
