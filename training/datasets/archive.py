"""Unpacking a downloaded .zip, distrusting it."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from training.damage import DAMAGE
from training.datasets.growth import check_growth
from training.datasets.pictures import PICTURE_SUFFIXES
from training.errors import DatasetError

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
