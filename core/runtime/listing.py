"""Files in folders: which of them are wanted, which are passed over, and their names as text."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

_NAMED = 8  # as many files, or kinds of files, are named in a sentence

_OF_THE_SYSTEM = {"desktop.ini", "thumbs.db"}  # Windows hides them by an attribute, not by their names


def as_text(path: str | Path) -> str:
    """A path, or a sentence with one in it, as text that every file can hold: bytes that are no text are escaped.

    Examples:
        >>> print(as_text(os.fsdecode(b"caf\\xe9.jpg")))
        caf\\xe9.jpg
    """
    return re.sub("[\ud800-\udfff]", lambda found: _escaped(ord(found[0])), str(path))


def _escaped(surrogate: int) -> str:
    # Python keeps a byte that is no text as one of these surrogates (PEP 383); Windows allows any of them in names.
    return f"\\x{surrogate - 0xDC00:02x}" if 0xDC80 <= surrogate <= 0xDCFF else f"\\u{surrogate:04x}"


@dataclass(frozen=True)
class Listing:
    """What lies in a folder and in the folders below it, hidden files and folders not counted.

    Attributes:
        wanted: Files of the wanted kinds, in order.
        passed_over: All other files, and the folders that may not be opened, in order.
    """

    wanted: tuple[Path, ...]
    passed_over: tuple[Path, ...]

    def __str__(self) -> str:
        """What was passed over, for a sentence, such as "2 files passed over: notes.txt, scan.pdf"; may be empty."""
        count = len(self.passed_over)
        if count > _NAMED:
            kinds = Counter(path.suffix.lower() or "without a suffix" for path in self.passed_over).most_common()
            named = ", ".join(f"{number:,} {kind}" for kind, number in kinds[:_NAMED])
            return f"{count:,} files passed over: {named}{', …' if len(kinds) > _NAMED else ''}"
        names = ", ".join(path.name for path in self.passed_over)
        return f"{count} file{'' if count == 1 else 's'} passed over: {names}" if count else ""


def files_in(folder: Path, suffixes: Collection[str]) -> Listing:
    """List the files of some kinds in a folder and in all folders below it.

    Names that begin with a dot are hidden: those of macOS (`._photo.jpg`, `.DS_Store`) claim to be pictures and are
    none. Links to folders are followed, each folder once.

    Args:
        folder: The folder.
        suffixes: Suffixes of the wanted files, in lower case, such as ".jpg".

    Raises:
        OSError: The folder itself may not be opened.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as name:
        ...     for file in ("b.JPG", "a.jpg", "._a.jpg", "notes.txt"):
        ...         Path(name, file).touch()
        ...     listing = files_in(Path(name), {".jpg"})
        >>> [path.name for path in listing.wanted], str(listing)
        (['a.jpg', 'b.JPG'], '1 file passed over: notes.txt')
    """
    wanted: list[Path] = []
    passed_over: list[Path] = []
    seen: set[tuple[int, int]] = set()

    def closed(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise error
        passed_over.append(Path(error.filename))

    for place, folders, files in os.walk(folder, onerror=closed, followlinks=True):
        status = Path(place).stat()
        if (status.st_dev, status.st_ino) in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            if not name.startswith(".") and name.lower() not in _OF_THE_SYSTEM:
                path = Path(place, name)
                (wanted if path.suffix.lower() in suffixes else passed_over).append(path)
    return Listing(tuple(sorted(wanted)), tuple(sorted(passed_over)))
