"""The dataset file: the columns of its Parquet table, and reading them back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.labels import FERPLUS8
from training.datasets.ferplus import VOTE_COLUMNS
from training.errors import DatasetError

VERSION = 2
"""1 had neither `source` nor `person` nor `found`; such files are still read."""

_DAMAGE = (pa.ArrowException, OSError, ValueError, LookupError)  # a UnicodeDecodeError, too: in a column's name

_REQUIRED = {"image", "label", "split", "votes", "hash"}

SCHEMA = pa.schema(
    [
        pa.field("image", pa.binary(), metadata={"encoding": "png"}),
        pa.field("label", pa.dictionary(pa.int8(), pa.string())),
        pa.field("split", pa.dictionary(pa.int8(), pa.string())),
        pa.field("votes", pa.list_(pa.uint8(), len(VOTE_COLUMNS))),
        pa.field("hash", pa.string()),
        pa.field("source", pa.dictionary(pa.int16(), pa.string())),
        pa.field("person", pa.string()),
        pa.field("found", pa.bool_()),
    ],
    metadata={"mien": str(VERSION), "label_set": FERPLUS8.name, "votes": ",".join(VOTE_COLUMNS)},
)


def read_rows(path: Path, splits: Iterable[str] | None = None, columns: list[str] | None = None) -> pa.Table:
    """Rows of a dataset file, of some splits (else all), in order; columns that an older file lacks are left out.

    Raises:
        DatasetError: the file is missing, or not one that `training import` wrote.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; make it with `python -m training import SOURCE --out {path}`")
    try:
        schema = pq.read_schema(path)
        _check_version(path, (schema.metadata or {}).get(b"mien"))
        present = [name for name in columns or SCHEMA.names if name in schema.names]
        if missing := _REQUIRED & set(columns or SCHEMA.names) - set(present):
            raise DatasetError(f"{path}: lacks the column {min(missing)!r}; import the dataset again")
        split = pc.field("split").cast(pa.string())
        wanted = None if splits is None else split.isin(pa.array(list(splits), pa.string()))
        table = pq.read_table(path, columns=present, filters=wanted)
        table.validate(full=True)  # a damaged file may hold text that is none
        return table
    except _DAMAGE as error:
        raise DatasetError(f"{path}: not readable as Parquet ({error})") from None


def is_dataset(path: Path) -> bool:
    """Whether a file is one that `training import` wrote."""
    try:
        return b"mien" in (pq.read_schema(path).metadata or {})
    except _DAMAGE:
        return False


def _check_version(path: Path, version: bytes | None) -> None:
    if version is None:
        raise DatasetError(f"{path}: not a dataset of `python -m training import`")
    if not (version.isdigit() and int(version) <= VERSION):
        raise DatasetError(f"{path}: written by a newer version of Mien; update Mien or import the dataset again")
