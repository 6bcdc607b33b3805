"""Feature tables on disk: Parquet, and Excel made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import prod
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.features import Feature
from core.output.table import SHEET_ROWS
from core.runtime.files import replacing
from training.errors import TrainingError

SHEET_COLUMNS = 16_384
"""Largest number of columns in a sheet of Excel."""

FACTS = ("image", "hash", "expression", "split", "found")
"""The columns before the feature."""


def schema_of(feature: Feature, key: str) -> pa.Schema:
    """Make the schema of a feature table; its metadata hold the feature, its shape, and the hash from `table_key`."""
    return pa.schema(
        [
            ("image", pa.int64()),
            ("hash", pa.string()),
            ("expression", pa.string()),
            ("split", pa.string()),
            ("found", pa.bool_()),
            # A list without a fixed size: Arrow cannot read one of fixed size back where a row is empty.
            ("feature", pa.list_(pa.from_numpy_dtype(np.dtype(feature.dtype)))),
        ],
        metadata={
            "mien_feature": feature.name,
            "version": str(feature.version),
            "shape": ",".join(map(str, feature.shape)),
            "key": key,
        },
    )


def feature_column(values: Sequence[np.ndarray | None], schema: pa.Schema) -> pa.Array:
    """Make a column of arrays of one shape; None becomes an empty cell."""
    kind = schema.field("feature").type
    sizes = np.array([0 if value is None else value.size for value in values])
    present = [value.ravel() for value in values if value is not None]
    flat = np.concatenate(present) if present else np.empty(0, kind.value_type.to_pandas_dtype())
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, flat, type=kind, mask=pa.array(sizes == 0))


def feature_values(table: pa.Table, shape: tuple[int, ...]) -> np.ndarray:
    """Read the features of the rows where `found`, (found, *shape)."""
    column = table["feature"].combine_chunks()
    return column.drop_null().flatten().to_numpy().reshape(-1, *shape)


def write_table(table: pa.Table, path: Path) -> None:
    """Write a Parquet file, whole or not at all; equal rows give equal bytes."""
    with replacing(path) as partial, open_table(partial, table.schema) as writer:
        writer.write_table(table)


def open_table(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a Parquet file to write it in row groups."""
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=["expression", "split"])


def edges_table(feature: Feature) -> pa.Table:
    """Make a table of the feature's edges, one a row: `from` and `to` are row numbers of the feature, from 0."""
    edges = feature.edges()
    return pa.table({"from": pa.array(edges[:, 0], pa.int32()), "to": pa.array(edges[:, 1], pa.int32())})


def check_sheet(path: Path, rows: int, feature: Feature) -> None:
    """Refuse a table that is too large for an Excel sheet.

    Raises:
        TrainingError: The table has too many rows or columns.
    """
    columns = len(FACTS) + prod(feature.shape)
    for count, limit, what in ((rows + 1, SHEET_ROWS, "rows"), (columns, SHEET_COLUMNS, "columns")):
        if count > limit:
            raise TrainingError(
                f"{path}: the table has {count:,} {what} and an Excel sheet holds {limit:,}; "
                f"choose Parquet, --out {path.with_suffix('.parquet')}"
            )


def write_workbook(table: Path, path: Path, feature: Feature, scratch: Path) -> None:
    """Turn a feature table into an Excel workbook, in constant memory: `f0`, `f1`, … are the feature's numbers.

    Args:
        table: Parquet file with the schema of `schema_of`.
        path: The workbook.
        feature: The feature, whose edges, if it has any, become the sheet "adjacency".
        scratch: Folder for temporary files.
    """
    import xlsxwriter

    # Text stays text: a name that begins with "=" becomes no formula, and one that looks like an address no link.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(scratch)}
    names = (*FACTS, *(f"f{i}" for i in range(prod(feature.shape))))
    with xlsxwriter.Workbook(str(path), options) as book, pq.ParquetFile(table) as file:
        book.set_properties({"created": datetime(2000, 1, 1)})  # so that equal tables are equal files
        _write_sheet(book, feature.name, names, (row for batch in file.iter_batches(512) for row in _rows(batch)))
        if feature.edges:
            edges = edges_table(feature)
            _write_sheet(book, "adjacency", edges.column_names, zip(*edges.to_pydict().values(), strict=True))


def _write_sheet(book, name: str, columns: Sequence[str], rows: Iterator[tuple]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)


def _rows(batch: pa.RecordBatch) -> Iterator[tuple]:
    for row in batch.to_pylist():
        yield *(row[name] for name in FACTS), *(row["feature"] or ())
