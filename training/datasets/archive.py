"""Unpacking a downloaded .zip, distrusting it."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

from training.datasets.pictures import PICTURE_SUFFIXES
from training.errors import DatasetError

MAX_BYTES = 20 * 2**30
"""Unpacked; the largest of the field's sets that Kaggle carries have about 5 GB."""

MAX_GROWTH = 50
"""Unpacked over packed size; fer2013.csv has 3, pictures about 1."""

_SMALL = 50 * 2**20
_WANTED = {*PICTURE_SUFFIXES, ".csv", ".gz"}


def unpack(path: Path, folder: Path) -> None:
    """Write the pictures and csv files of a .zip below a folder.

    Raises:
        DatasetError: it is no readable zip, names files outside the folder, holds links, or would grow absurdly large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            for member in members:
                _check_name(path, member)
            _check_size(path, sum(member.file_size for member in members))
            for member in members:
                if PurePosixPath(member.filename).suffix.lower() in _WANTED:
                    archive.extract(member, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise DatasetError(f"{path}: a damaged or unusual zip ({error}); download it again or unpack it") from None
    except OSError as error:
        raise DatasetError(f"{path}: cannot be unpacked into {folder} ({error.strerror}); make room there") from None


def _check_name(path: Path, member: zipfile.ZipInfo) -> None:
    # `orig_filename` is what the file really says: `filename` is cut at a zero byte.
    name = member.orig_filename.replace("\\", "/")
    if PureWindowsPath(name).anchor or ".." in PurePosixPath(name).parts or "\0" in name:
        raise DatasetError(f"{path}: refused, for it would write outside its folder ({member.orig_filename[:80]!r})")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise DatasetError(f"{path}: refused, for it holds a symbolic link ({name[:80]!r})")
    if member.flag_bits & 1:
        raise DatasetError(f"{path}: protected by a password; unpack it and give the folder")


def _check_size(path: Path, size: int) -> None:
    if size > MAX_BYTES or size > max(_SMALL, MAX_GROWTH * path.stat().st_size):
        raise DatasetError(
            f"{path}: refused, for its {path.stat().st_size:,} bytes would unpack to {size:,}; "
            "unpack it yourself if you trust it, and give the folder"
        )
