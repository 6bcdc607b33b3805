"""Sinks: files that take a stream's frames while it runs, and keep what was written when the run is cut short.

Csv and JSON Lines are written row by row. Parquet and Excel are written in finished parts beside the file, so that a
killed run loses only the last part; `merge` makes the file of them.
"""

from __future__ import annotations

import csv
import io
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import SinkError
from ..readings import Frame
from ..runtime.files import replacing
from ..runtime.paths import COMMAND
from .provenance import Provenance, beside, facts_in
from .table import COLUMNS, Row, frame_rows, json_line, schema, write_sheet

_ROWS_A_PART = 2_000
_SECONDS_A_PART = 10.0


class Sink(ABC):
    """Takes a stream's frames and writes a row for each face; a context manager.

    However the block ends, what was written before is kept.

    Args:
        path: Path of the file; a file that exists is replaced.
        columns: Names of the columns, as `table.columns_for` gives them.
        made_by: Provenance of the rows, for the file itself or one beside it.

    Raises:
        SinkError: The file cannot be written.
    """

    def __init__(self, path: str | Path, columns: Sequence[str] = COLUMNS, made_by: Provenance | None = None) -> None:
        self.path = Path(path)
        self.columns = tuple(columns)
        self.made_by = made_by

    def __enter__(self) -> Self:
        with self._errors_named():
            self._open()
        return self

    def __exit__(self, *_) -> None:
        with self._errors_named():
            self._close()

    def write(self, frame: Frame, event: str | None = None) -> None:
        """Write a row for each face of a frame.

        Args:
            frame: The next frame of the stream.
            event: Marker that a viewer set at this frame, where the columns have one.

        Raises:
            SinkError: The file cannot be written.
        """
        self.write_rows(frame_rows(frame, self.columns, event))

    def write_rows(self, rows: list[Row]) -> None:
        """Write rows that were made already, as `table.frame_rows` and `table.picture_rows` make them.

        Args:
            rows: The rows, each with all columns as keys.

        Raises:
            SinkError: The file cannot be written.
        """
        if rows:
            with self._errors_named():
                self._take(rows)

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SinkError(f"{self.path}: cannot be written ({error.strerror}); choose another file") from None

    @abstractmethod
    def _open(self) -> None: ...

    @abstractmethod
    def _take(self, rows: list[Row]) -> None: ...

    @abstractmethod
    def _close(self) -> None: ...


class JsonLinesSink(Sink):
    """A JSON object a line for each row, on the disk at once; beside it a JSON file that says what made them."""

    def _open(self) -> None:
        self._stream = open(self.path, "wb", buffering=0)  # noqa: SIM115 (closed in _close)
        self._size = 0  # of the whole lines, in bytes
        if self.made_by:
            self.made_by.write_beside(self.path)
        else:
            beside(self.path).unlink(missing_ok=True)  # of the table that was replaced

    def _take(self, rows: list[Row]) -> None:
        self._append("".join(map(json_line, rows)))

    def _append(self, lines: str) -> None:
        """Write lines, or leave the file as it was: on a full disk the last one would be cut off."""
        rest = memoryview(lines.encode())
        size = self._size + len(rest)
        try:
            while rest:
                rest = rest[self._stream.write(rest) :]
        except OSError:
            self._stream.truncate(self._size)
            raise
        self._size = size

    def _close(self) -> None:
        self._stream.close()


class CsvSink(JsonLinesSink):
    """A csv table with a header, each row on the disk at once; beside it a JSON file that says what made them."""

    def _open(self) -> None:
        super()._open()
        self._lines = io.StringIO()
        self._writer = csv.DictWriter(self._lines, self.columns, lineterminator="\n")
        self._writer.writeheader()
        self._take([])

    def _take(self, rows: list[Row]) -> None:
        self._writer.writerows(rows)
        self._append(self._lines.getvalue())
        self._lines.seek(0)
        self._lines.truncate()


class PartsSink(Sink):
    """A Parquet or Excel file, by the name's suffix, written in finished parts that become the file at the end.

    The parts are Parquet files in a folder beside the file, each of them whole or not there. After a kill they are
    still there, and the command `recover` makes the file of them.

    Raises:
        SinkError: The folder cannot be made, or holds what a killed run left.
    """

    def _open(self) -> None:
        self._folder = _folder_of(self.path)
        self._schema = schema(self.columns, made_by=self.made_by)
        self._waiting: list[Row] = []
        self._written = 0
        if any(self._folder.glob("*.parquet")):
            raise SinkError(
                f"{self._folder}: holds what an earlier run left when it was killed; "
                f"run `{COMMAND} recover {self.path}`, or delete it"
            )
        self._folder.mkdir(exist_ok=True)  # one without a part is of a run that was killed before it had read anything
        self._write_part()  # an empty part, which knows the columns

    def _take(self, rows: list[Row]) -> None:
        self._waiting.extend(rows)
        is_due = time.monotonic() - self._since > _SECONDS_A_PART
        if self._waiting and (is_due or len(self._waiting) >= _ROWS_A_PART):
            self._write_part()

    def _close(self) -> None:
        if self._waiting:
            self._write_part()
        merge(self.path)

    def _write_part(self) -> None:
        with replacing(self._folder / f"{self._written:06}.parquet") as partial:
            pq.write_table(pa.Table.from_pylist(self._waiting, self._schema), partial)
        self._waiting, self._since = [], time.monotonic()
        self._written += 1


def merge(target: Path) -> tuple[Path, int]:
    """Make a file of the parts beside it, and remove them.

    Rows that no Excel sheet holds become a Parquet file instead.

    Args:
        target: Path of the file.

    Returns:
        The file that was written, and how many rows it has.

    Raises:
        OSError: The file cannot be written; the parts stay.
        SinkError: There are no parts, or a Parquet file was written because no Excel sheet holds the rows.
    """
    folder = _folder_of(target)
    parts = sorted(folder.glob("*.parquet"))
    if not parts:
        raise SinkError(f"{target}: nothing of an unfinished run lies in {folder}")
    count = sum(pq.read_metadata(part).num_rows for part in parts)
    overfull: SinkError | None = None
    if target.suffix.lower() == ".xlsx":
        try:
            with replacing(target) as partial:
                _write_sheet(parts, count, partial)
        except SinkError as error:
            target, overfull = target.with_suffix(".parquet"), error
    if target.suffix.lower() != ".xlsx":
        with replacing(target) as partial:
            _write_parquet(parts, partial)
    shutil.rmtree(folder)
    if overfull:
        raise SinkError(f"{overfull}; nothing is lost, the rows are in {target}")
    return target, count


def _folder_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.parts")


def _write_parquet(parts: Sequence[Path], path: Path) -> None:
    with pq.ParquetWriter(path, pq.read_schema(parts[0])) as writer:
        for part in parts:
            writer.write_table(pq.read_table(part))


def _write_sheet(parts: Sequence[Path], count: int, path: Path) -> None:
    def rows() -> Iterator[tuple]:
        for part in parts:
            yield from zip(*(column.to_pylist() for column in pq.read_table(part).columns), strict=True)

    known = pq.read_schema(parts[0])
    write_sheet(rows(), count, known.names, str(path), facts_in(known.metadata))


SINKS: dict[str, type[Sink]] = {".csv": CsvSink, ".jsonl": JsonLinesSink, ".parquet": PartsSink, ".xlsx": PartsSink}
"""The class of sink by the suffix of the file's name."""


def open_sink(path: str | Path, columns: Sequence[str] = COLUMNS, made_by: Provenance | None = None) -> Sink:
    """The sink for a file, by the suffix of its name.

    Args:
        path: Path of the file, ending in .csv, .jsonl, .parquet or .xlsx.
        columns: Names of the columns, as `table.columns_for` gives them.
        made_by: Provenance of the rows: metadata of a Parquet file, a second sheet of a workbook, and of a csv or JSON
            Lines file one beside it, `NAME.provenance.json`.

    Raises:
        SinkError: The name ends in something else.

    Examples:
        >>> with open_sink("faces.csv") as sink:  # doctest: +SKIP
        ...     sink.write(frame)
    """
    return _sink_of(path)(path, columns, made_by)


def check_name(path: str | Path) -> None:
    """Refuse the name of a file that no sink writes.

    Raises:
        SinkError: The name ends in something else than .csv, .jsonl, .parquet or .xlsx.
    """
    _sink_of(path)


def _sink_of(path: str | Path) -> type[Sink]:
    sink = SINKS.get(Path(path).suffix.lower())
    if sink is None:
        known = ", ".join(suffix.removeprefix(".") for suffix in SINKS)
        raise SinkError(f"{path}: the name must end in one of {known}")
    return sink
