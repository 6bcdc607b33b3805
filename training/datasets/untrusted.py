"""Reading downloaded files without trusting them: archives, packed files, and text with endless lines."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO, Literal, TextIO

from core.images import PICTURE_SUFFIXES
from training.errors import DatasetError
from training.files import DAMAGE

MAX_UNPACKED_BYTES = 20 * 2**30
"""Largest size to unpack to; the largest datasets of facial expressions on Kaggle have about 5 GB."""

MAX_RATIO = 50
"""Largest ratio of unpacked to packed size; fer2013.csv has 3, pictures have about 1."""

MAX_FILES = 3_000_000
"""Most files in an archive; the largest dataset of facial expressions has 1.2 million."""

MAX_LINE_LENGTH = 2**16
"""Most characters in a line; a row of FER2013 has at most 9,300."""

PACKED_DAMAGE = (*DAMAGE, tarfile.TarError)
"""What reading an archive or a packed file raises that is damaged or was made to do harm."""

_UNSUSPICIOUS_BYTES = 50 * 2**20  # up to this size any ratio is accepted
_TABLES = {".csv", ".tsv", ".txt", ".lst", ".json", ".jsonl", ".ndjson", ".parquet", ".yaml", ".yml", ".names", ".npy"}
_WANTED = {*PICTURE_SUFFIXES, *_TABLES, ".gz", ".tgz", ".tar", ".zip", ""}
_PACKINGS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_CODE_PAGES = ("utf-8", "cp437", "cp1252", "gb18030", "cp932", "cp949", "big5", "cp866", "cp1251", "cp857", "cp1256")
_UTF8_NAME = 0x800  # flag of a .zip's member


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


def archive_kind(path: Path) -> Literal["zip", "tar"] | None:
    """Tell by its first bytes which kind of archive a file is; None if it is no archive that can be unpacked.

    A .tar may be packed with gzip, bzip2 or xz.

    Raises:
        DatasetError: The file is a .rar or .7z, which Python cannot unpack, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if start.startswith((b"PK\3\4", b"PK\5\6")):
            return "zip"
        if start.startswith((b"Rar!", b"7z\xbc\xaf\x27\x1c")):
            raise DatasetError(f"{path}: a .rar or .7z, which Mien cannot unpack; unpack it and give the folder")
        with open_unpacked(path) as file:
            return "tar" if file.read(512)[257:262] == b"ustar" else None
    except PACKED_DAMAGE as error:
        if isinstance(error, OSError) and error.errno:
            raise DatasetError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
        return None  # a damaged file is no archive; who reads it as text says what is wrong


def unpack(path: Path, folder: Path, knows: Callable[[str], bool] = lambda name: False) -> list[str]:
    """Unpack the pictures and tables of an archive into a folder.

    Names are taken as their makers meant them: with Windows' backslashes between folders, in UTF-8 also where macOS
    does not say so, and in the code pages of Windows.

    Args:
        path: A .zip, or a .tar, which may be packed.
        folder: The folder; it is made if it is missing.
        knows: Tells whether the name of a folder makes sense, by which the code page is found.

    Returns:
        Names of the files that were left packed, because they are neither pictures nor tables.

    Raises:
        DatasetError: The file is not a readable archive, names files outside the folder, holds links or devices, is
            protected by a password, or would unpack to far more than a dataset has.
    """
    try:
        if archive_kind(path) == "tar":
            return _unpack_tar(path, folder)
        return _unpack_zip(path, folder, knows)
    except PACKED_DAMAGE as error:  # a RuntimeError, too, for a compression that `zipfile` lacks, as Windows' Deflate64
        if isinstance(error, OSError) and error.errno:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            advice = "free some space there" if is_full else "unpack it yourself and give the folder"
            raise DatasetError(f"{path}: cannot be unpacked into {folder} ({error.strerror}); {advice}") from None
        raise DatasetError(
            f"{path}: a damaged or unusual archive ({str(error) or type(error).__name__}); download it again, or "
            "unpack it yourself and give the folder"
        ) from None


def _unpack_zip(path: Path, folder: Path, knows: Callable[[str], bool]) -> list[str]:
    left = []
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.filename.endswith(("/", "\\"))]
        _check_count(path, len(members))
        # `orig_filename` is the name as it is in the file: `filename` is cut at a zero byte.
        for member, name in zip(members, _names_in_zip(members, knows), strict=True):
            member.filename = _checked_name(path, name)
            if stat.S_ISLNK(member.external_attr >> 16):
                raise _link(path, member.filename)
            if member.flag_bits & 1:
                raise DatasetError(f"{path}: protected by a password; unpack it yourself and give the folder")
        check_unpacked_size(path, sum(member.file_size for member in members))
        for member in members:
            if is_wanted(member.filename):
                archive.extract(member, folder)
            elif not _is_hidden(member.filename):
                left.append(member.filename)
    return left


def _unpack_tar(path: Path, folder: Path) -> list[str]:
    """Unpack in one pass, because reading only the names of a packed .tar unpacks it too."""
    left, count, size = [], 0, 0
    with open_unpacked(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.isdir():
                continue
            name = _checked_name(path, member.name)
            if member.issym() or member.islnk():
                raise _link(path, name)
            if not member.isreg() or member.size < 0:
                raise DatasetError(f"{path}: refused, because {name[:80]!r} in it is no file; unpack it yourself")
            count, size = count + 1, size + member.size
            _check_count(path, count)
            check_unpacked_size(path, size)
            if is_wanted(name):
                archive.extract(member.replace(name=name, deep=False), folder, filter="data")
            elif not _is_hidden(name):
                left.append(name)
    return left


def _names_in_zip(members: list[zipfile.ZipInfo], knows: Callable[[str], bool]) -> list[str]:
    """Read names that do not say how they are written, which `zipfile` takes for the code page of DOS.

    macOS writes them in UTF-8, Windows in the code page of its language: the one in which a folder has a known name.
    """
    unclear = [not member.flag_bits & _UTF8_NAME and not member.orig_filename.isascii() for member in members]
    raw = [
        member.orig_filename.encode("cp437") for member, is_unclear in zip(members, unclear, strict=True) if is_unclear
    ]
    encoding = next((each for each in _CODE_PAGES if _is_written_in(each, raw, knows)), "cp437")
    decoded = (name.decode(encoding) for name in raw)
    return [
        next(decoded) if is_unclear else member.orig_filename
        for member, is_unclear in zip(members, unclear, strict=True)
    ]


def _is_written_in(encoding: str, names: list[bytes], knows: Callable[[str], bool]) -> bool:
    try:
        decoded = [name.decode(encoding) for name in names]
    except UnicodeError:
        return False
    folders = {part for name in decoded for part in PurePosixPath(name.replace("\\", "/")).parts[:-1]}
    return encoding == "utf-8" or any(knows(folder) for folder in sorted(folders)[:1000])


def _checked_name(path: Path, name: str) -> str:
    """Return a member's name with / between its parts, if it lies inside the folder that is unpacked into."""
    clean = name.replace("\\", "/")
    if PureWindowsPath(clean).anchor or ".." in PurePosixPath(clean).parts or "\0" in clean or not clean.strip("./ "):
        raise DatasetError(f"{path}: refused, because it would write outside its folder ({name[:80]!r})")
    return clean


def _link(path: Path, name: str) -> DatasetError:
    return DatasetError(f"{path}: refused, because it holds a symbolic link ({name[:80]!r})")


def _check_count(path: Path, count: int) -> None:
    if count > MAX_FILES:
        raise DatasetError(f"{path}: refused, because it holds more than {MAX_FILES:,} files; unpack it yourself")


def is_wanted(name: str) -> bool:
    """Tell by its name whether a file may be a picture or belong to a dataset otherwise."""
    return not _is_hidden(name) and PurePosixPath(name).suffix.lower() in _WANTED


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


class _Bounded(io.RawIOBase):
    """A file as it is when unpacked, which refuses to grow to far more than a dataset has."""

    def __init__(self, path: Path):
        with path.open("rb") as file:
            start = file.read(6)
        opener = next((opener for magic, opener in _PACKINGS.items() if start.startswith(magic)), None)
        self._path, self._is_packed, self._size = path, opener is not None, 0
        self._file = opener(path, "rb") if opener else path.open("rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._file.read(len(buffer))
        self._size += len(data)
        if self._is_packed:
            check_unpacked_size(self._path, self._size)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def open_unpacked(path: Path) -> BinaryIO:
    """Open a file for reading; one that is packed with gzip, bzip2 or xz is unpacked, whatever its name.

    Reading raises a `DatasetError` when the file unpacks to far too much, and an error of `PACKED_DAMAGE` when it is
    damaged.
    """
    return io.BufferedReader(_Bounded(path), 2**16)


def open_text(path: Path) -> TextIO:
    """Open a text file, packed or not, in UTF-8, or in UTF-16 with the mark that Excel writes before it."""
    stream = open_unpacked(path)
    try:
        is_wide = stream.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff")
    except BaseException:
        stream.close()
        raise
    return io.TextIOWrapper(stream, encoding="utf-16" if is_wide else "utf-8-sig", newline="")


def bounded_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, packed or not.

    Raises:
        DatasetError: A line is too long (a csv of a million columns, say), or the file unpacks to far too much.
    """
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
            yield line
