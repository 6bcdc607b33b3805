"""Reader of FER+: ten people's votes for each FER2013 image (Barsoum et al. 2016, microsoft/FERPlus)."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.labels import FERPLUS8
from training.datasets.lines import bounded_lines
from training.datasets.sample import Sample
from training.errors import DatasetError

VOTE_COLUMNS = (*FERPLUS8.labels, "unknown", "not-a-face")
"""The ten columns of a dataset's votes, in this order."""

_SOURCE = {"neutral": "neutral", "happiness": "happy", "surprise": "surprise", "sadness": "sad", "anger": "angry"}
_SOURCE |= {"disgust": "disgust", "fear": "fear", "contempt": "contempt", "unknown": "unknown", "NF": "not-a-face"}


def read_ferplus(path: Path) -> np.ndarray:
    """Votes of `fer2013new.csv`, uint8 (rows, 10) in the order of `VOTE_COLUMNS`.

    It joins FER2013 by row number: 173 rows carry no image name and four names occur twice.

    Raises:
        DatasetError: the file is missing or not FER+'s; a bad row is named.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; give the path of FER+'s fer2013new.csv")
    votes = []
    try:
        table = csv.DictReader(bounded_lines(path))
        if missing := [name for name in _SOURCE if name not in (table.fieldnames or [])]:
            raise DatasetError(f"{path}: not FER+'s csv: the first line lacks the column {missing[0]!r}")
        order = {target: source for source, target in _SOURCE.items()}
        for row, fields in enumerate(table, start=1):
            try:
                counts = [int(fields[order[name]]) for name in VOTE_COLUMNS]
            except (TypeError, ValueError):
                raise DatasetError(f"{path}, row {row}: a vote is not a whole number") from None
            if min(counts) < 0 or max(counts) > 255:
                raise DatasetError(f"{path}, row {row}: a vote is outside 0 to 255")
            votes.append(counts)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DatasetError(f"{path}: the file is damaged or cut short; copy or download it again") from None
    except (UnicodeDecodeError, csv.Error):
        raise DatasetError(f"{path}: not readable as csv text") from None
    return np.array(votes, dtype=np.uint8).reshape(-1, len(VOTE_COLUMNS))


def with_votes(samples: Iterable[Sample], votes: np.ndarray, path: Path) -> Iterator[Sample]:
    """The rows of FER2013 with the votes of the same row numbers.

    Args:
        samples: Rows of FER2013's csv, in order.
        votes: As `read_ferplus` gives them.
        path: Where they come from, for messages.

    Raises:
        DatasetError: the two are not equally long.
    """
    count = 0
    for count, sample in enumerate(samples, start=1):
        if count > len(votes):
            raise DatasetError(f"{path}: has {len(votes)} rows, the dataset more; the two must belong together")
        yield replace(sample, votes=tuple(votes[count - 1].tolist()))
    if count != len(votes):
        raise DatasetError(f"{path}: has {len(votes)} rows, the dataset {count}; the two must belong together")
