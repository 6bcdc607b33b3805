"""Lines of a csv that somebody else made: none longer than any row can be, and no .gz that grows without end."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from training.datasets.growth import check_growth
from training.errors import DatasetError

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
