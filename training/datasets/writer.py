"""Samples -> one Parquet file, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.labels import FER7
from training.datasets.ferplus import VOTE_COLUMNS
from training.datasets.sample import Sample
from training.errors import DatasetError

SCHEMA = pa.schema(
    [
        pa.field("image", pa.binary(), metadata={"encoding": "png"}),
        pa.field("label", pa.dictionary(pa.int8(), pa.string())),
        pa.field("split", pa.dictionary(pa.int8(), pa.string())),
        pa.field("votes", pa.list_(pa.uint8(), len(VOTE_COLUMNS))),
        pa.field("hash", pa.string()),
    ],
    metadata={"mien": "1", "label_set": FER7.name, "votes": ",".join(VOTE_COLUMNS)},
)
_ROWS_A_GROUP = 4096


def write_dataset(samples: Iterable[Sample], path: Path) -> int:
    """Write samples, in order, to one Parquet file and return their number.

    Columns: `image` (PNG bytes), `label`, `split`, `votes` (ten FER+ counts; all zero where there are none), `hash` (of
    the pixels). The file appears under its name only when it is whole.

    Raises:
        DatasetError: whatever reading the samples raises, or the folder cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(partial, SCHEMA, compression="none") as writer:
            for rows in _batches(samples):
                writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
                count += len(rows)
        partial.replace(path)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return count


def _batches(samples: Iterable[Sample]):
    rows = []
    for sample in samples:
        rows.append(_row(sample))
        if len(rows) == _ROWS_A_GROUP:
            yield rows
            rows = []
    if rows:
        yield rows


def _row(sample: Sample) -> dict:
    image = np.ascontiguousarray(sample.image)
    encoded = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return {
        "image": cv2.imencode(".png", encoded, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes(),
        "label": FER7.labels[sample.label],
        "split": sample.split,
        "votes": sample.votes or [0] * len(VOTE_COLUMNS),
        "hash": hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()[:32],
    }
