"""Dataset: images, labels, votes and splits in memory, read from one Parquet file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.labels import FER7
from training.errors import DatasetError

SPLITS = ("training", "public-test", "private-test")


@dataclass(frozen=True)
class Dataset:
    """Rows of a dataset file.

    Attributes:
        images: Uint8 RGB (n, side, side, 3).
        labels: Int64 (n,), indices into `FER7`.
        votes: Uint8 (n, 10) FER+ votes; all zero where there are none.
        splits: (n,) of str.
        hashes: (n,) of str; equal for equal pixels.
    """

    images: np.ndarray
    labels: np.ndarray
    votes: np.ndarray
    splits: np.ndarray
    hashes: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows) -> Dataset:
        return Dataset(self.images[rows], self.labels[rows], self.votes[rows], self.splits[rows], self.hashes[rows])

    @classmethod
    def load(cls, path: Path, splits: Iterable[str] = SPLITS) -> Dataset:
        """Read the rows of the given splits.

        Raises:
            DatasetError: the file is missing, or not one that `training import` wrote.
        """
        table = _table(Path(path), splits)
        if not len(table):
            raise DatasetError(f"{path}: no images in the split {' or '.join(splits)}")
        return cls(
            images=np.stack([_decode(image.as_py()) for image in table["image"]]),
            labels=np.array([FER7.index(label) for label in table["label"].to_pylist()]),
            votes=np.array(table["votes"].to_pylist(), np.uint8),
            splits=np.array(table["split"].to_pylist()),
            hashes=np.array(table["hash"].to_pylist()),
        )

    def split(self, name: str) -> Dataset:
        """The rows of one split."""
        return self[self.splits == name]

    def hashes_in(self, path: Path, *splits: str) -> np.ndarray:
        """Bool (n,): which rows have the same pixels as a row of these splits of a dataset file."""
        table = _table(Path(path), splits, columns=["split", "hash"])
        return np.isin(self.hashes, table["hash"].to_pylist())


def _table(path: Path, splits: Iterable[str], columns: list[str] | None = None) -> pa.Table:
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; make it with `python -m training import SOURCE --out {path}`")
    try:
        if b"mien" not in (pq.read_schema(path).metadata or {}):
            raise DatasetError(f"{path}: not a dataset of `python -m training import`")
        table = pq.read_table(path, columns=columns)
        return table.filter(pc.is_in(table["split"].cast(pa.string()), pa.array(list(splits))))
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{path}: not readable as Parquet ({error})") from None


def _decode(png: bytes) -> np.ndarray:
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
