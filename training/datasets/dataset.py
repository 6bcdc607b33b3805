"""`Dataset`: the images, labels, votes and splits of a dataset file in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.faces.alignment import SIDE
from core.labels import FER7, LabelSet
from training.datasets.parquet import pixels_of, read_rows
from training.datasets.sample import SPLITS
from training.errors import DatasetError

__all__ = ["SPLITS", "Dataset"]


@dataclass(frozen=True)
class Dataset:
    """Rows of a dataset file.

    Attributes:
        images: Uint8 (n, 48, 48, 3) RGB; black where no face was found.
        labels: Int64 (n,), indices into the label set that was given to `load`.
        votes: Uint8 (n, 10), FER+ votes in the order of `VOTE_COLUMNS`; all zero where there are none.
        splits: Str (n,), name of each row's split.
        hashes: Str (n,), equal for equal pixels.
        found: Bool (n,), whether a face was found. A row without a face counts as an error and is never learnt from.
        sources: Str (n,), name of each row's source.
        persons: Str or None (n,), identifier of the person shown; None if unknown.
    """

    images: np.ndarray
    labels: np.ndarray
    votes: np.ndarray
    splits: np.ndarray
    hashes: np.ndarray
    found: np.ndarray
    sources: np.ndarray
    persons: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows) -> Dataset:
        return Dataset(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def load(cls, path: Path, splits: Iterable[str] = SPLITS, label_set: LabelSet = FER7) -> Dataset:
        """Read the rows of some splits whose label is in a label set.

        Args:
            path: The dataset file.
            splits: Names of the splits to read.
            label_set: Labels to read. `FER7` leaves out the images labelled "contempt"; `FERPLUS8` includes them.

        Raises:
            DatasetError: The file is missing, was not written by `training import`, or has no such rows.
        """
        splits = tuple(splits)
        table = read_rows(Path(path), splits)
        try:
            table = table.filter(pc.is_in(table["label"].cast(pa.string()), pa.array(label_set.labels)))
            if not len(table):
                raise DatasetError(f"{path}: no images in the split {' or '.join(splits)}")
            return cls._of(table, label_set)
        except (pa.ArrowException, ValueError, TypeError) as error:
            raise DatasetError(f"{path}: a column does not hold what it should ({error}); import it again") from None

    @classmethod
    def _of(cls, table: pa.Table, label_set: LabelSet) -> Dataset:
        return cls(
            images=_decoded(table["image"]),
            labels=np.array([label_set.index(label) for label in table["label"].to_pylist()]),
            votes=np.array(table["votes"].to_pylist(), np.uint8),
            splits=np.array(table["split"].to_pylist()),
            hashes=np.array(table["hash"].to_pylist()),
            found=np.array(table["found"].to_pylist(), bool),
            sources=np.array(table["source"].to_pylist(), str),
            persons=np.array(table["person"].to_pylist(), object),
        )

    def split(self, name: str) -> Dataset:
        """Return the rows of one split."""
        return self[self.splits == name]

    def copies(self, path: Path) -> dict[str, np.ndarray]:
        """Find the rows whose pixels are also in another split of a dataset file.

        Returns:
            Bool (n,) by split, for each split that none of these rows is in.
        """
        return {split: self.hashes_in(path, split) for split in SPLITS if split not in self.splits}

    def is_copy(self, path: Path) -> np.ndarray:
        """Tell, as bool (n,), which rows have the same pixels as a row of another split of a file; see `copies`."""
        return np.any(list(self.copies(path).values()), axis=0)

    def hashes_in(self, path: Path, *splits: str) -> np.ndarray:
        """Tell, as bool (n,), which rows have the same pixels as a row of some splits of a dataset file."""
        return np.isin(self.hashes, read_rows(Path(path), splits, columns=["split", "hash"])["hash"].to_pylist())


def _decoded(pngs: pa.ChunkedArray) -> np.ndarray:
    images = np.empty((len(pngs), SIDE, SIDE, 3), np.uint8)
    for image, png in zip(images, pngs, strict=True):
        image[:] = pixels_of(png.as_py())
    return images
