"""Readers of two csv files: FER2013 as Kaggle has it, with the columns emotion, pixels, Usage, and FER+'s votes."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.faces.alignment import SIDE
from core.labels import FER7
from training.datasets.sample import VOTE_COLUMNS, Sample
from training.datasets.untrusted import bounded_lines, open_text
from training.errors import DatasetError

USAGES = {"Training": "training", "PublicTest": "public-test", "PrivateTest": "private-test"}
"""Split by the value of the column Usage."""

_COLUMNS = ("emotion", "pixels", "Usage")


def read_fer2013(path: Path) -> Iterator[Sample]:
    """Yield the rows of `fer2013.csv`, `fer2013.csv.gz` or `icml_face_data.csv`, in order.

    Raises:
        DatasetError: The file is missing, is not such a csv or is cut short, or a row is ill-formed; the message names
            the row.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; give the path of fer2013.csv or fer2013.csv.gz")
    row = 0  # the last row that was read, for messages
    is_empty = True
    try:
        table = csv.reader(bounded_lines(path))
        header = [name.strip() for name in next(table, [])]
        if missing := [name for name in _COLUMNS if name not in header]:
            raise DatasetError(
                f"{path}: not a FER2013 csv: the first line lacks the column {missing[0]!r}; "
                f"it should name {', '.join(_COLUMNS)}"
            )
        positions = [header.index(name) for name in _COLUMNS]
        for fields in table:
            row += 1
            if fields:
                is_empty = False
                yield _sample(fields, positions, len(header))
    except _BadRow as error:
        raise DatasetError(f"{path}, row {row}: {error}") from None
    except (EOFError, zlib.error):
        raise DatasetError(f"{path}: the file is cut short after row {row}; copy or download it again") from None
    except gzip.BadGzipFile:
        raise DatasetError(f"{path}: named .gz but not gzip; rename it or download it again") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path}, after row {row}: not readable as csv text ({error})") from None
    if is_empty:
        raise DatasetError(f"{path}: no rows below the header")


def is_fer2013(path: Path) -> bool:
    """Tell by its name and its first line whether a file is a csv of FER2013."""
    if not path.name.lower().endswith((".csv", ".csv.gz")) or not path.is_file():
        return False
    try:
        with open_text(path) as lines:
            return set(_COLUMNS) <= {name.strip() for name in lines.readline(1000).split(",")}
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        return False


class _BadRow(Exception):
    pass


def _sample(fields: list[str], positions: list[int], columns: int) -> Sample:
    if len(fields) != columns:
        raise _BadRow(f"{len(fields)} fields instead of {columns}; is the file cut short?")
    emotion, pixels, usage = (fields[position].strip() for position in positions)
    if not (emotion.isascii() and emotion.isdigit() and int(emotion) < len(FER7)):
        raise _BadRow(f"emotion {emotion!r} is not a number from 0 to {len(FER7) - 1}")
    if usage not in USAGES:
        raise _BadRow(f"Usage {usage[:40]!r} is none of {', '.join(USAGES)}")
    return Sample(image=_image(pixels), label=int(emotion), split=USAGES[usage])


def _image(pixels: str) -> np.ndarray:
    numbers = pixels.split()
    if len(numbers) != SIDE * SIDE:
        raise _BadRow(f"{len(numbers)} pixels instead of {SIDE * SIDE}; is the file cut short?")
    try:
        values = np.array(numbers, dtype=np.int64)
    except (ValueError, OverflowError):
        raise _BadRow("a pixel is not a whole number") from None
    if values.min() < 0 or values.max() > 255:
        raise _BadRow("a pixel is outside 0 to 255")
    return values.astype(np.uint8).reshape(SIDE, SIDE)


_FERPLUS_COLUMNS = {name: name for name in VOTE_COLUMNS}
_FERPLUS_COLUMNS |= {"happy": "happiness", "sad": "sadness", "angry": "anger", "not-a-face": "NF"}


def read_ferplus(path: Path) -> np.ndarray:
    """Read FER+'s `fer2013new.csv`, whose rows are those of FER2013 in the same order.

    The column of image names is not used: it is empty in 173 rows, and four names occur twice.

    Returns:
        Uint8 (rows, 10): numbers of votes in the order of `VOTE_COLUMNS`.

    Raises:
        DatasetError: The file is missing, damaged or not FER+'s, or a row is ill-formed; the message names the row.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; give the path of FER+'s fer2013new.csv")
    votes = []
    try:
        table = csv.DictReader(bounded_lines(path))
        if missing := [name for name in _FERPLUS_COLUMNS.values() if name not in (table.fieldnames or [])]:
            raise DatasetError(f"{path}: not FER+'s csv: the first line lacks the column {missing[0]!r}")
        for row, fields in enumerate(table, start=1):
            try:
                counts = [int(fields[_FERPLUS_COLUMNS[name]]) for name in VOTE_COLUMNS]
            except (TypeError, ValueError):
                raise DatasetError(f"{path}, row {row}: a vote is not a whole number") from None
            if min(counts) < 0 or max(counts) > 255:
                raise DatasetError(f"{path}, row {row}: a vote is outside 0 to 255")
            votes.append(counts)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DatasetError(f"{path}: the file is damaged or cut short; copy or download it again") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path}: not readable as csv text ({error})") from None
    return np.array(votes, dtype=np.uint8).reshape(-1, len(VOTE_COLUMNS))


def with_votes(samples: Iterable[Sample], votes: np.ndarray, path: Path) -> Iterator[Sample]:
    """Yield the rows of FER2013 with FER+'s votes for them.

    Args:
        samples: Rows of FER2013's csv, in order.
        votes: Uint8 (rows, 10), the result of `read_ferplus`.
        path: The file that the votes were read from, for messages.

    Raises:
        DatasetError: There are not as many votes as rows.
    """
    count = 0
    for count, sample in enumerate(samples, start=1):
        if count > len(votes):
            raise DatasetError(
                f"{path}: has {len(votes)} rows, but the dataset has more; give the two files that belong together"
            )
        yield replace(sample, votes=tuple(votes[count - 1].tolist()))
    if count != len(votes):
        raise DatasetError(
            f"{path}: has {len(votes)} rows, but the dataset has {count}; give the two files that belong together"
        )
