"""Tables that are written in finished pieces, so that a killed run loses only the last one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import SinkError
from ..runtime.paths import COMMAND
from .table import Row, schema, write_sheet

_ROWS_A_PART = 2_000
_SECONDS_A_PART = 10.0


class Parts:
    """A folder beside the target that takes rows in Parquet files of its own, each whole or not there.

    Raises:
        SinkError: the folder cannot be made, or holds what a killed run left.
    """

    def __init__(self, target: Path, columns: Sequence[str]) -> None:
        self.target = target
        self.folder = _folder_of(target)
        self._schema = schema(columns)
        self._waiting: list[Row] = []
        self._since = time.monotonic()
        self._written = 0
        if any(self.folder.glob("*.parquet")):
            raise SinkError(
                f"{self.folder}: holds what an earlier run left when it was killed; "
                f"run `{COMMAND} recover {target}`, or delete it"
            )
        self.folder.mkdir(exist_ok=True)  # one without a part is of a run that was killed before it had read anything
        self._write()  # an empty part, which knows the columns

    def add(self, rows: Sequence[Row]) -> None:
        """Take rows; every 2,000 of them, or every ten seconds, become a part."""
        self._waiting.extend(rows)
        is_due = time.monotonic() - self._since > _SECONDS_A_PART
        if self._waiting and (is_due or len(self._waiting) >= _ROWS_A_PART):
            self._write()

    def finish(self) -> None:
        """Make the target of all parts, and remove them.

        Raises:
            SinkError: the target cannot hold or take the rows.
        """
        if self._waiting:
            self._write()
        merge(self.target)

    def _write(self) -> None:
        part = self.folder / f"{self._written:06}.parquet"
        partial = part.with_suffix(".partial")
        pq.write_table(pa.Table.from_pylist(self._waiting, self._schema), partial)
        partial.replace(part)
        self._waiting, self._since = [], time.monotonic()
        self._written += 1


def merge(target: Path) -> tuple[Path, int]:
    """Make a target of the parts beside it and remove them; the file that was written, and how many rows it has.

    Rows that no Excel sheet holds become a Parquet file instead.

    Raises:
        SinkError: there are no parts, or the target cannot be written.
    """
    folder = _folder_of(target)
    parts = sorted(folder.glob("*.parquet"))
    if not parts:
        raise SinkError(f"{target}: nothing of an unfinished run lies in {folder}")
    count = sum(pq.read_metadata(part).num_rows for part in parts)
    overfull: SinkError | None = None
    if target.suffix.lower() == ".xlsx":
        try:
            _replace(target, lambda partial: _write_sheet(parts, count, partial))
        except SinkError as error:
            target, overfull = target.with_suffix(".parquet"), error
    if target.suffix.lower() != ".xlsx":
        _replace(target, lambda partial: _write_parquet(parts, partial))
    shutil.rmtree(folder)
    if overfull:
        raise SinkError(f"{overfull}; nothing is lost, the rows are in {target}")
    return target, count


def _folder_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.parts")


def _replace(target: Path, write) -> None:
    partial = target.with_name(f".{target.name}.partial")
    try:
        write(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _write_parquet(parts: Sequence[Path], path: Path) -> None:
    with pq.ParquetWriter(path, pq.read_schema(parts[0])) as writer:
        for part in parts:
            writer.write_table(pq.read_table(part))


def _write_sheet(parts: Sequence[Path], count: int, path: Path) -> None:
    def rows() -> Iterator[tuple]:
        for part in parts:
            yield from zip(*(column.to_pylist() for column in pq.read_table(part).columns), strict=True)

    write_sheet(rows(), count, pq.read_schema(parts[0]).names, str(path))
