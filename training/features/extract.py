"""A whole dataset -> a table of one feature, in parallel and in parts, so that a killed run can be continued."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.features import Feature
from core.runtime import assets
from core.runtime.processes import spread
from training.datasets import SPLITS, dataset_hash
from training.datasets.parquet import pixels_of, read_rows
from training.errors import DatasetError, TrainingError
from training.features.table import (
    check_sheet,
    edges_table,
    feature_column,
    open_table,
    schema_of,
    write_table,
    write_workbook,
)

ROWS_A_PART = 512
"""Number of rows in a part, which is what a kill can cost each core: some four seconds of meshes."""

_COLUMNS = ("image", "label", "split", "hash", "found")


class RowParts:
    """The rows of some splits of a dataset file, in parts of `ROWS_A_PART` rows of the file.

    Attributes:
        rows: Number of rows in these splits.
        counts: Number of these rows in each part, by the number of the part; parts without any are missing.

    Raises:
        DatasetError: The file cannot be used, or has no such split.
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
        """Yield number and rows of some parts, in constant memory; the column `row` counts through the whole file."""
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
    # Not `iter_batches`: it also cuts at the ends of row groups, and another import may place these elsewhere.
    waiting = file.schema_arrow.empty_table().select(columns)
    for group in range(file.num_row_groups):
        waiting = pa.concat_tables([waiting, file.read_row_group(group, columns=columns)]).unify_dictionaries()
        while len(waiting) >= ROWS_A_PART:
            yield waiting.slice(0, ROWS_A_PART)
            waiting = waiting.slice(ROWS_A_PART)
    if len(waiting):
        yield waiting


Progress = Callable[[int, int], None]

_PARTS_AHEAD = 32
"""Number of parts for each worker that are computed before the first is written: joblib does not wait until results are
taken, and a whole dataset of a quick feature would fill the memory."""


@dataclass(frozen=True)
class Extraction:
    """The result of an extraction.

    Attributes:
        images: Number of rows of the table.
        found: Number of rows in which the feature saw a face.
        resumed: Number of rows that an earlier, killed run had computed.
        seconds: Duration of the extraction.
        files: Files that were written.
    """

    images: int
    found: int
    resumed: int
    seconds: float
    files: tuple[Path, ...]


def extract(
    feature: Feature,
    dataset: Path,
    out: Path,
    splits: Iterable[str] = SPLITS,
    *,
    jobs: int | None = None,
    dask: str | None = None,
    progress: Progress = lambda done, total: None,
) -> Extraction:
    """Compute a feature of every image of a dataset file and write the table.

    Columns: `image` (number of the row in the dataset file), `hash` (of its pixels), `expression`, `split`, `found`
    and `feature`, which is empty where the face could not be seen; Excel gets a column for each number, `f0`, `f1`, …
    The edges of a feature that has some go to `NAME.adjacency.parquet`, or to a second sheet. Equal datasets give equal
    files, bit for bit, however often the run was killed and wherever it ran.

    Finished parts are kept in a folder beside the target until the table is whole. The folder's name contains a hash of
    all that the numbers depend on, so that parts of another dataset or of another model file are never used.

    Args:
        feature: The feature to compute.
        dataset: File that `training import` wrote.
        out: The table, Parquet or Excel by its suffix; an existing file is replaced.
        splits: Names of the splits to take.
        jobs: Number of processes; one for each core by default. Without effect with `dask`.
        dask: Address of a Dask scheduler whose workers compute instead.
        progress: Called after each part with the number of finished images and of all images.

    Raises:
        DatasetError: The dataset cannot be used, or has no such split.
        TrainingError: The target cannot hold the table or cannot be written.
        MienError: No Dask scheduler answers, or Dask is not installed.
        AssetError: A model file that the feature runs cannot be had.
    """
    began = time.monotonic()
    is_sheet = out.suffix.lower() == ".xlsx"
    if not is_sheet and out.suffix.lower() != ".parquet":
        raise TrainingError(f"{out}: the name must end in .parquet or .xlsx")
    splits = tuple(splits)
    source = RowParts(dataset, splits)
    if is_sheet:
        check_sheet(out, source.rows, feature)
    key = table_key(feature, dataset, splits)
    schema = schema_of(feature, key)
    folder = out.with_name(f"{out.name}.parts-{key}")
    whole, files = folder / "whole", [out]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        resumed = _fill(folder, feature, source, schema, jobs, dask, progress)
        found = _merge(folder, source, schema, whole)
        if is_sheet:
            write_workbook(whole, folder / "book", feature, folder)
            whole = folder / "book"
        elif feature.edges:
            files.append(out.with_suffix(".adjacency.parquet"))
            write_table(edges_table(feature), files[-1])
        whole.replace(out)
        shutil.rmtree(folder)
    except OSError as error:
        raise TrainingError(f"{out}: cannot be written ({error.strerror or error}); choose another --out") from None
    finally:
        with suppress(OSError):  # it is gone, or holds parts for the next call
            folder.rmdir()
    return Extraction(source.rows, found, resumed, time.monotonic() - began, tuple(files))


def table_key(feature: Feature, dataset: Path, splits: Iterable[str]) -> str:
    """Hash all that a feature table depends on, 16 hex digits.

    Raises:
        DatasetError: The dataset cannot be used.
        AssetError: A model file that the feature runs cannot be had.
    """
    told = json.dumps([*origins(feature), dataset_hash(dataset), sorted(set(splits))])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def origins(feature: Feature) -> list:
    """List what a feature's numbers depend on besides the image: its name, its version and the sha256 of model files.

    Raises:
        AssetError: A model file that the feature runs cannot be had.
        ModelError: An installed model that the feature runs is missing or damaged.
    """
    files = [hashlib.sha256(assets.path_of(asset).read_bytes()).hexdigest() for asset in feature.assets]
    files += [file.sha256() for file in feature.model_files]
    return [feature.name, feature.version, files]


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.parquet"


def _fill(folder: Path, feature: Feature, source: RowParts, schema: pa.Schema, jobs, dask, progress: Progress) -> int:
    """Compute the missing parts; return the number of images in the others."""
    missing = {number: count for number, count in source.counts.items() if not _part(folder, number).exists()}
    resumed = done = source.rows - sum(missing.values())
    progress(done, source.rows)
    if missing:
        with spread(dask):
            parallel = joblib.Parallel(n_jobs=jobs or -1, return_as="generator_unordered")
            parts = source.read(missing)
            ahead = _PARTS_AHEAD * joblib.effective_n_jobs(jobs or -1)
            while some := list(itertools.islice(parts, ahead)):
                for number, table in parallel(joblib.delayed(_computed)(feature, *part, schema) for part in some):
                    write_table(table, _part(folder, number))
                    done += len(table)
                    progress(done, source.rows)
    return resumed


def _computed(feature: Feature, number: int, rows: pa.Table, schema: pa.Schema) -> tuple[int, pa.Table]:
    """Compute one part, in a worker that may run on another machine: all that it needs comes with the call."""
    has_face = rows["found"].to_pylist() if "found" in rows.column_names else [True] * len(rows)
    values = [
        feature.compute(pixels_of(png)) if is_face else None
        for png, is_face in zip(rows["image"].to_pylist(), has_face, strict=True)
    ]
    columns = {
        "image": rows["row"],
        "hash": rows["hash"],
        "expression": rows["label"].cast(pa.string()),
        "split": rows["split"].cast(pa.string()),
        "found": pa.array([value is not None for value in values]),
        "feature": feature_column(values, schema),
    }
    return number, pa.table(columns, schema=schema)


def _merge(folder: Path, source: RowParts, schema: pa.Schema, target: Path) -> int:
    """Write all parts, in order, to one file; return the number of faces found."""
    found = 0
    with open_table(target, schema) as writer:
        for number in source.counts:
            table = pq.read_table(_part(folder, number))
            found += sum(table["found"].to_pylist())
            writer.write_table(table)
    return found
