"""Samples -> one Parquet file, whole or not at all."""

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
import pyarrow.parquet as pq

from core.faces.alignment import SIDE
from core.labels import FERPLUS8
from training.datasets.ferplus import VOTE_COLUMNS
from training.datasets.file import SCHEMA
from training.datasets.sample import Sample
from training.errors import DatasetError

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
