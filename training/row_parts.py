"""The rows of a dataset file, cut into parts that are the same at every call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from training.datasets.file import read_rows
from training.errors import DatasetError

ROWS_A_PART = 512
"""What a kill can cost each core: some four seconds of meshes."""

_COLUMNS = ("image", "label", "split", "hash", "found")


class RowParts:
    """Those of some splits.

    Attributes:
        rows: Their number.
        counts: By the number of each part that has any of them, how many.

    Raises:
        DatasetError: the file cannot be used, or has no such split.
    """

    def __init__(self, dataset: Path, splits: Iterable[str]) -> None:
        self._path, self._splits = dataset, tuple(splits)
        is_chosen = np.isin(read_rows(dataset, columns=["label", "split", "hash"])["split"].to_pylist(), self._splits)
        self.rows = int(is_chosen.sum())
        if not self.rows:
            raise DatasetError(f"{dataset}: no images in the split {' or '.join(self._splits)}")
        starts = range(0, len(is_chosen), ROWS_A_PART)
        counts = {start // ROWS_A_PART: int(is_chosen[start : start + ROWS_A_PART].sum()) for start in starts}
        self.counts = {number: count for number, count in counts.items() if count}

    def read(self, numbers: Iterable[int]) -> Iterator[tuple[int, pa.Table]]:
        """Number and rows of some parts, in constant memory; the column `row` counts through the whole file."""
        wanted = set(numbers)
        with pq.ParquetFile(self._path) as file:
            columns = [name for name in _COLUMNS if name in file.schema_arrow.names]
            for number, table in enumerate(_slices(file, columns)):
                if number in wanted:
                    yield number, self._chosen(table, number * ROWS_A_PART)

    def _chosen(self, table: pa.Table, start: int) -> pa.Table:
        table = table.append_column("row", pa.array(range(start, start + len(table)), pa.int64()))
        return table.filter(pa.array(np.isin(table["split"].to_pylist(), self._splits)))


def _slices(file: pq.ParquetFile, columns: list[str]) -> Iterator[pa.Table]:
    # Not `iter_batches`: it also cuts at the ends of row groups, which importing again may put elsewhere.
    waiting = file.schema_arrow.empty_table().select(columns)
    for group in range(file.num_row_groups):
        waiting = pa.concat_tables([waiting, file.read_row_group(group, columns=columns)]).unify_dictionaries()
        while len(waiting) >= ROWS_A_PART:
            yield waiting.slice(0, ROWS_A_PART)
            waiting = waiting.slice(ROWS_A_PART)
    if len(waiting):
        yield waiting
