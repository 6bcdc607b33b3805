"""The dataset file, a table in Parquet: its columns, writing, reading, and hashes of its content."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.faces.alignment import SIDE
from core.labels import FERPLUS8
from core.runtime.files import replacing
from training.datasets.sample import VOTE_COLUMNS, Sample
from training.errors import DatasetError
from training.files import UNSEALED, is_sealed, seal

VERSION = 2
"""Version of the columns. Files of version 1, without `source`, `person` and `found`, are still read."""

_DAMAGE = (
    pa.ArrowException,
    OSError,
    ValueError,
    LookupError,
)  # UnicodeDecodeError, in a column's name, is a ValueError

_DEFAULTS = {"source": "", "person": None, "found": True}
"""Values of the columns that files of version 1 lack."""

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
    """Read rows of a dataset file, in order.

    Args:
        path: The file.
        splits: Names of the splits to read; all if None.
        columns: Names of the columns to read; all if None. Those that an older file lacks get default values.

    Raises:
        DatasetError: The file is missing, or was not written by `training import`.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; make it with `python -m training import SOURCE --out {path}`")
    try:
        schema = pq.read_schema(path)
        _check_version(path, (schema.metadata or {}).get(b"mien"))
        _check_seal(path)
        names = columns or SCHEMA.names
        missing = [name for name in names if name not in schema.names]
        if lost := set(missing) - set(_DEFAULTS):
            raise DatasetError(f"{path}: lacks the column {min(lost)!r}; import the dataset again")
        split = pc.field("split").cast(pa.string())
        wanted = None if splits is None else split.isin(pa.array(list(splits), pa.string()))
        table = pq.read_table(path, columns=[name for name in names if name not in missing], filters=wanted)
        table.validate(full=True)  # a damaged file may hold bytes that are no text
        for name in missing:
            table = table.append_column(name, pa.array([_DEFAULTS[name]] * len(table), SCHEMA.field(name).type))
        return table
    except _DAMAGE as error:
        raise DatasetError(f"{path}: not readable as Parquet ({error})") from None


def is_dataset(path: Path) -> bool:
    """Tell whether a file is a dataset file."""
    try:
        return b"mien" in (pq.read_schema(path).metadata or {})
    except _DAMAGE:
        return False


def _check_version(path: Path, version: bytes | None) -> None:
    if version is None:
        raise DatasetError(f"{path}: not a dataset of `python -m training import`")
    if not (version.isdigit() and int(version) <= VERSION):
        raise DatasetError(f"{path}: written by a newer version of Mien; update Mien or import the dataset again")


def _check_seal(path: Path) -> None:
    """Refuse a damaged file before its pages are read: Arrow's reader may never end with one.

    Who reads a dataset with Arrow and writes it again takes the seal along, but into Arrow's own schema too.
    """
    metadata = pq.read_metadata(path).metadata or {}
    if not (sealed := metadata.get(SEAL)) or is_sealed(path, sealed):
        return
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(metadata.get(b"ARROW:schema", b""))))
    if SEAL not in (schema.metadata or {}):
        raise DatasetError(f"{path}: was damaged after it was written; import the dataset again")


SEAL = b"sha256"
"""Key of a dataset file's metadata: the SHA-256 of the file, with `training.files.UNSEALED` in its place."""

ROWS_A_GROUP = 4096
"""Number of rows in a row group of a dataset file."""

_NO_VOTES = (0,) * len(VOTE_COLUMNS)
_NO_FACE = np.zeros((SIDE, SIDE), np.uint8)


def write_dataset(samples: Iterable[Sample], path: Path, about: Mapping[str, str] | None = None) -> int:
    """Write samples, in order, to a dataset file and return their number.

    The columns are `image` (PNG; black if no face was found), `label` (a name of `FERPLUS8`), `split`, `votes` (ten
    FER+ counts; all zero if there are none), `hash` (of the pixels; a grey picture stored in colour counts as grey),
    `source`, `person` (null if unknown) and `found`. The file appears only when it is whole.

    Args:
        samples: Samples whose images are 48x48, except where no face was found.
        path: The file to write; its folder is made if it is missing.
        about: Entries for the file's metadata, which also gets the numbers of images; see `counts_text`.

    Raises:
        DatasetError: Reading the samples fails, or the file cannot be written.
    """
    counts: Counter = Counter()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            with pq.ParquetWriter(partial, SCHEMA, compression="none") as writer:
                for rows in _batches(samples):
                    writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
                    counts.update((row["source"], row["split"], row["label"]) for row in rows)
                writer.add_key_value_metadata({**(about or {}), "counts": counts_text(counts), SEAL: UNSEALED})
            seal(partial)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    return counts.total()


def counts_text(counts: Mapping[tuple[str, str, str], int]) -> str:
    """Write numbers of images, by (source, split, label), as nested JSON."""
    result: dict = {}
    for (source, split, label), count in sorted(counts.items()):
        result.setdefault(source, {}).setdefault(split, {})[label] = count
    return json.dumps(result)


def pixel_hash(image: np.ndarray) -> str:
    """Return 32 hex digits that are equal for equal pixels.

    Args:
        image: Uint8, (height, width) or (height, width, 3); the same grey picture in either form has the same hash.
    """
    image = np.ascontiguousarray(_one_channel_if_grey(image))
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
    image = np.ascontiguousarray(_one_channel_if_grey(sample.image)) if sample.found else _NO_FACE
    if image.shape[:2] != _NO_FACE.shape:
        raise ValueError(f"a crop is {SIDE}x{SIDE}, not {image.shape}; make it with a Cropper")
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


def _one_channel_if_grey(image: np.ndarray) -> np.ndarray:
    """Return a picture with three equal channels as (height, width), any other as it is."""
    if image.ndim == 3 and (image == image[:, :, :1]).all():
        return image[:, :, 0]
    return image


def dataset_hash(path: Path) -> str:
    """Return 32 hex digits that are equal for files with the same pixels, labels and splits in the same order.

    The hash stays the same if the same source is imported again, or the file is written with another compression.

    Raises:
        DatasetError: The file is missing, or was not written by `training import`.
    """
    digest = hashlib.sha256()
    table = read_rows(Path(path), columns=["hash", "label", "split"])
    for row in zip(*(table[name].to_pylist() for name in ("hash", "label", "split")), strict=True):
        digest.update("\t".join(row).encode() + b"\n")
    return digest.hexdigest()[:32]


def pixels_of(png: bytes | None, mode: int = cv2.IMREAD_COLOR_RGB) -> np.ndarray:
    """Decode a picture of a dataset file.

    Args:
        png: Value of the column `image`.
        mode: OpenCV's mode of reading: `cv2.IMREAD_COLOR_RGB` or `cv2.IMREAD_GRAYSCALE`.

    Returns:
        Uint8 (48, 48, 3) RGB, or (48, 48) for grey.

    Raises:
        DatasetError: The bytes are not a picture of that size.
    """
    image = cv2.imdecode(np.frombuffer(png, np.uint8), mode) if png else None
    if image is None or image.shape[:2] != (SIDE, SIDE):
        raise DatasetError(f"the dataset file is damaged: an image in it is no {SIDE}x{SIDE} picture; import it again")
    return image
