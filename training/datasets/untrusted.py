"""Reading downloaded files without trusting them: .zip archives, gzipped text and text with endless lines."""

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

MAX_UNPACKED_BYTES = 20 * 2**30
"""Largest size to unpack to; the largest datasets of facial expressions on Kaggle have about 5 GB."""

MAX_RATIO = 50
"""Largest ratio of unpacked to packed size; fer2013.csv has 3, pictures have about 1."""

MAX_LINE_LENGTH = 2**16
"""Most characters in a line; a row of FER2013 has at most 9,300."""

_UNSUSPICIOUS_BYTES = 50 * 2**20  # up to this size any ratio is accepted
_WANTED = {*PICTURE_SUFFIXES, ".csv", ".gz"}


def check_unpacked_size(path: Path, size: int) -> None:
    """Refuse a packed file that would fill the disk.

    Args:
        path: The packed file.
        size: Number of bytes that it would unpack to, or has unpacked to so far.

    Raises:
        DatasetError: No dataset is that large, or no pictures and numbers can be packed into so few bytes.
    """
    if size > MAX_UNPACKED_BYTES or size > max(_UNSUSPICIOUS_BYTES, MAX_RATIO * path.stat().st_size):
        raise DatasetError(
            f"{path}: refused, because its {path.stat().st_size:,} bytes would unpack to {size:,}; "
            "if you trust the file, unpack it yourself and give the folder"
        )


def unpack(path: Path, folder: Path) -> None:
    """Unpack the pictures and csv files of a .zip into a folder; other files are left out.

    Raises:
        DatasetError: The file is not a readable .zip, names files outside the folder, holds links, is protected by a
            password, or would unpack to far more than a dataset has.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.filename.endswith("/")]
            for member in members:
                _check_name(path, member)
            check_unpacked_size(path, sum(member.file_size for member in members))
            for member in members:
                if PurePosixPath(member.filename).suffix.lower() in _WANTED:
                    archive.extract(member, folder)
    except DAMAGE as error:  # a RuntimeError, too, for a compression that `zipfile` lacks, such as Windows' Deflate64
        if isinstance(error, OSError) and error.errno:
            raise DatasetError(
                f"{path}: cannot be unpacked into {folder} ({error.strerror}); free some space there"
            ) from None
        raise DatasetError(
            f"{path}: a damaged or unusual .zip ({error}); download it again, or unpack it yourself and give the folder"
        ) from None


def _check_name(path: Path, member: zipfile.ZipInfo) -> None:
    # `orig_filename` is the name as it is in the file: `filename` is cut at a zero byte.
    name = member.orig_filename.replace("\\", "/")
    if PureWindowsPath(name).anchor or ".." in PurePosixPath(name).parts or "\0" in name:
        raise DatasetError(
            f"{path}: refused, because it would write outside its folder ({member.orig_filename[:80]!r})"
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise DatasetError(f"{path}: refused, because it holds a symbolic link ({name[:80]!r})")
    if member.flag_bits & 1:
        raise DatasetError(f"{path}: protected by a password; unpack it yourself and give the folder")


def open_text(path: Path) -> TextIO:
    """Open a text file for reading, gzipped or not, past the byte order mark that some programs begin it with."""
    return (gzip.open if _is_packed(path) else open)(path, "rt", encoding="utf-8-sig", newline="")


def bounded_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, gzipped or not.

    Raises:
        DatasetError: A line is too long (a csv of a million columns, say), or a .gz unpacks to far too much.
    """
    size = 0
    with open_text(path) as file:
        for number in range(1, 2**63):
            line = file.readline(MAX_LINE_LENGTH + 1)
            if not line:
                return
            if len(line) > MAX_LINE_LENGTH:
                raise DatasetError(
                    f"{path}: refused, because line {number} has more than {MAX_LINE_LENGTH:,} characters; give a csv "
                    "with a few columns, such as fer2013.csv"
                )
            size += len(line)
            if _is_packed(path):
                check_unpacked_size(path, size)
            yield line


def _is_packed(path: Path) -> bool:
    return path.suffix == ".gz"
