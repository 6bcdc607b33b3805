"""The dataset file: the columns of its Parquet table, and reading them back."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.faces.alignment import SIDE
from core.labels import FERPLUS8
from training.datasets.sample import VOTE_COLUMNS, Sample
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


ROWS_A_GROUP = 4096
_NO_VOTES = (0,) * len(VOTE_COLUMNS)
_NO_FACE = np.zeros((SIDE, SIDE), np.uint8)


def write_dataset(samples: Iterable[Sample], path: Path, about: Mapping[str, str] | None = None) -> int:
    """Write samples, in order, to one Parquet file and return their number.

    Columns: `image` (PNG bytes; black where no face was found), `label` (a name of `FERPLUS8`), `split`, `votes` (ten
    FER+ counts; all zero where there are none), `hash` (of the pixels; grey pictures stored in colour count as grey),
    `source`, `person` (null where nobody knows) and `found`. The file's metadata holds `about` and, as JSON, the number
    of images by source, split and label. The file appears under its name only when it is whole.

    Raises:
        DatasetError: whatever reading the samples raises, or the folder cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    counts: Counter = Counter()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(partial, SCHEMA, compression="none") as writer:
            for rows in _batches(samples):
                writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
                counts.update((row["source"], row["split"], row["label"]) for row in rows)
            writer.add_key_value_metadata({**(about or {}), "counts": counts_text(counts)})
        partial.replace(path)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return counts.total()


def counts_text(counts: Mapping[tuple[str, str, str], int]) -> str:
    """The number of images by source, split and label as nested JSON."""
    result: dict = {}
    for (source, split, label), count in sorted(counts.items()):
        result.setdefault(source, {}).setdefault(split, {})[label] = count
    return json.dumps(result)


def pixel_hash(image: np.ndarray) -> str:
    """32 hex digits, equal for equal pixels."""
    image = np.ascontiguousarray(_grey_as_grey(image))
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()[:32]


def _batches(samples: Iterable[Sample]):
    rows = []
    for sample in samples:
        rows.append(_row(sample))
        if len(rows) == ROWS_A_GROUP:
            yield rows
            rows = []
    if rows:
        yield rows


def _row(sample: Sample) -> dict:
    image = np.ascontiguousarray(_grey_as_grey(sample.image)) if sample.found else _NO_FACE
    if image.shape[:2] != _NO_FACE.shape:
        raise ValueError(f"a crop is {SIDE}x{SIDE}, not {image.shape}; let a Cropper make it")
    encoded = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return {
        "image": cv2.imencode(".png", encoded, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes(),
        "label": FERPLUS8.labels[sample.label],
        "split": sample.split,
        "votes": sample.votes or _NO_VOTES,
        "hash": pixel_hash(sample.image),
        "source": sample.source,
        "person": sample.person,
        "found": sample.found,
    }


def _grey_as_grey(image: np.ndarray) -> np.ndarray:
    """(height, width) where the three channels are equal, so that a copy is known however it was stored."""
    if image.ndim == 3 and (image == image[:, :, :1]).all():
        return image[:, :, 0]
    return image


def dataset_hash(path: Path) -> str:
    """32 hex digits that are equal where the rows' pixels, labels and splits are equal and stand in the same order.

    Importing the same source again, or writing the file with other compression, keeps it.

    Raises:
        DatasetError: the file is missing, or not one that `training import` wrote.
    """
    digest = hashlib.sha256()
    table = read_rows(Path(path), columns=["hash", "label", "split"])
    for row in zip(*(table[name].to_pylist() for name in ("hash", "label", "split")), strict=True):
        digest.update("\t".join(row).encode() + b"\n")
    return digest.hexdigest()[:32]


def pixels_of(png: bytes | None, mode: int = cv2.IMREAD_COLOR_RGB) -> np.ndarray:
    """Uint8 (48, 48, 3) in RGB, or (48, 48) where the mode is `cv2.IMREAD_GRAYSCALE`.

    Raises:
        DatasetError: it is no picture of that size.
    """
    image = cv2.imdecode(np.frombuffer(png, np.uint8), mode) if png else None
    if image is None or image.shape[:2] != (SIDE, SIDE):
        raise DatasetError(f"the dataset file is damaged: an image in it is no {SIDE}x{SIDE} picture; import it again")
    return image
