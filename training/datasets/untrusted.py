"""Unpacking a downloaded .zip, distrusting it."""

from __future__ import annotations

import gzip
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TextIO

from training.datasets.sample import PICTURE_SUFFIXES
from training.errors import DatasetError
from training.files import DAMAGE

MAX_BYTES = 20 * 2**30
"""Unpacked; the largest of the field's sets that Kaggle carries have about 5 GB."""

MAX_GROWTH = 50
"""Unpacked over packed size; fer2013.csv has 3, pictures about 1."""

_SMALL = 50 * 2**20


def check_growth(path: Path, size: int) -> None:
    """Refuse what would unpack to this many bytes, where that is absurd.

    Raises:
        DatasetError: it is more than any dataset has, or than pictures and numbers can be packed into so few bytes.
    """
    if size > MAX_BYTES or size > max(_SMALL, MAX_GROWTH * path.stat().st_size):
        raise DatasetError(
            f"{path}: refused, for its {path.stat().st_size:,} bytes would unpack to {size:,}; "
            "unpack it yourself if you trust it, and give the folder"
        )


_WANTED = {*PICTURE_SUFFIXES, ".csv", ".gz"}


def unpack(path: Path, folder: Path) -> None:
    """Write the pictures and csv files of a .zip below a folder.

    Raises:
        DatasetError: it is no readable zip, names files outside the folder, holds links, or would grow absurdly large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.filename.endswith("/")]
            for member in members:
                _check_name(path, member)
            check_growth(path, sum(member.file_size for member in members))
            for member in members:
                if PurePosixPath(member.filename).suffix.lower() in _WANTED:
                    archive.extract(member, folder)
    except DAMAGE as error:  # a RuntimeError, too: of a compression that `zipfile` does not know, as Windows' Deflate64
        if isinstance(error, OSError) and error.errno:
            raise DatasetError(
                f"{path}: cannot be unpacked into {folder} ({error.strerror}); make room there"
            ) from None
        raise DatasetError(f"{path}: a damaged or unusual zip ({error}); download it again or unpack it") from None


def _check_name(path: Path, member: zipfile.ZipInfo) -> None:
    # `orig_filename` is what the file really says: `filename` is cut at a zero byte.
    name = member.orig_filename.replace("\\", "/")
    if PureWindowsPath(name).anchor or ".." in PurePosixPath(name).parts or "\0" in name:
        raise DatasetError(f"{path}: refused, for it would write outside its folder ({member.orig_filename[:80]!r})")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise DatasetError(f"{path}: refused, for it holds a symbolic link ({name[:80]!r})")
    if member.flag_bits & 1:
        raise DatasetError(f"{path}: protected by a password; unpack it and give the folder")


LONGEST = 2**16
"""Characters in a line; a row of FER2013 has at most 9,300."""


def open_text(path: Path) -> TextIO:
    """A text file to read, gzipped or not, without the mark that some programs begin it with."""
    return (gzip.open if _is_packed(path) else open)(path, "rt", encoding="utf-8-sig", newline="")


def bounded_lines(path: Path) -> Iterator[str]:
    """The lines of a text file, gzipped or not.

    Raises:
        DatasetError: a line is too long, as in a csv of a million columns, or a .gz unpacks to absurdly much.
    """
    size = 0
    with open_text(path) as file:
        for number in range(1, 2**63):
            line = file.readline(LONGEST + 1)
            if not line:
                return
            if len(line) > LONGEST:
                raise DatasetError(
                    f"{path}: refused, for line {number} has more than {LONGEST:,} characters; it should have a few "
                    "columns, as fer2013.csv has"
                )
            size += len(line)
            if _is_packed(path):
                check_growth(path, size)
            yield line


def _is_packed(path: Path) -> bool:
    return path.suffix == ".gz"
