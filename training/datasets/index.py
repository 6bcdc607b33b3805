"""`Rows`: labels, splits and votes of a whole dataset file, whose pictures are read when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq

from core.faces.alignment import SIDE
from core.labels import FER7, FERPLUS8
from training.datasets import SPLITS, dataset_hash
from training.datasets.parquet import pixels_of, read_rows
from training.datasets.sample import VOTE_COLUMNS
from training.errors import DatasetError

CACHE = Path("runs/audit")
"""Folder for results that take long to compute, in files named by the dataset's content; it may be deleted."""

Progress = Callable[[int, int], None]
"""Takes the number of images done so far, and the number of all images."""


@dataclass(frozen=True)
class Rows:
    """All rows of a dataset file, in order; the name of a row is its number in the file, from 0.

    Attributes:
        path: The dataset file.
        hash: The file's `dataset_hash`.
        labels: Int64 (n,), indices into `FERPLUS8`, whose first seven labels are those of `FER7`.
        splits: Str (n,), name of each row's split.
        votes: Uint8 (n, 10), FER+ votes in the order of `VOTE_COLUMNS`; all zero where there are none.
        hashes: Str (n,), equal for equal pixels.
        found: Bool (n,), whether a face was found.
    """

    path: Path
    hash: str
    labels: np.ndarray
    splits: np.ndarray
    votes: np.ndarray
    hashes: np.ndarray
    found: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def load(cls, path: Path) -> Rows:
        """Read a dataset file.

        Raises:
            DatasetError: The file is missing, holds no images, or was not written by `training import`.
        """
        table = read_rows(path, columns=["label", "split", "votes", "hash", "found"])
        if not len(table):
            raise DatasetError(f"{path}: holds no images; import the dataset again")
        return cls(
            path=path,
            hash=dataset_hash(path),
            labels=np.array([FERPLUS8.index(label) for label in table["label"].to_pylist()]),
            splits=np.array(table["split"].to_pylist()),
            votes=table["votes"].combine_chunks().flatten().to_numpy().reshape(-1, len(VOTE_COLUMNS)),
            hashes=np.array(table["hash"].to_pylist()),
            found=np.array(table["found"].to_pylist(), bool),
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels of `FER7`, or those of `FERPLUS8` if any row is labelled contempt."""
        return FER7.labels if self.labels.max() < len(FER7) else FERPLUS8.labels

    @property
    def present(self) -> tuple[str, ...]:
        """The splits that have rows, in the order of `SPLITS`."""
        return tuple(split for split in SPLITS if (self.splits == split).any())

    def where(self, split: str | None = None, label: str | None = None) -> np.ndarray:
        """Return the numbers of the rows with a split and a label; None stands for any."""
        chosen = np.ones(len(self), bool)
        if split is not None:
            chosen &= self.splits == split
        if label is not None:
            chosen &= self.labels == FERPLUS8.labels.index(label)
        return np.flatnonzero(chosen)

    def cache_file(self, name: str) -> Path:
        """Return the path that a result computed from the pictures is stored at.

        Args:
            name: Name of the result, with a version that changes when the computation does.
        """
        return CACHE / f"{self.hash[:16]}-{name}.npz"


def pictures(path: Path, numbers: Sequence[int]) -> list[bytes]:
    """Read the pictures of some rows of a dataset file.

    Args:
        path: The dataset file.
        numbers: Numbers of the rows, in any order.

    Returns:
        PNG files, in the order of `numbers`.
    """
    numbers = np.asarray(numbers, np.int64)
    with pq.ParquetFile(path) as file:
        ends = np.cumsum([file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)])
        groups = np.searchsorted(ends, numbers, side="right")
        found: dict[int, bytes] = {}
        for group in np.unique(groups):
            column = file.read_row_group(int(group), columns=["image"])["image"]
            first = ends[group] - len(column)
            found |= {int(number): column[int(number - first)].as_py() for number in numbers[groups == group]}
    return [found[int(number)] for number in numbers]


def greys(path: Path) -> Iterator[np.ndarray]:
    """Yield all pictures of a dataset file, in order, in batches of uint8 (rows, 48, 48)."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield decoded(file.read_row_group(group, columns=["image"])["image"].to_pylist())


def decoded(pngs: Sequence[bytes]) -> np.ndarray:
    """Decode pictures of a dataset file into uint8 (n, 48, 48), in grey."""
    images = np.empty((len(pngs), SIDE, SIDE), np.uint8)
    for image, png in zip(images, pngs, strict=True):
        image[:] = pixels_of(png, cv2.IMREAD_GRAYSCALE)
    return images
