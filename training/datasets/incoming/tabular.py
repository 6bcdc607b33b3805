"""Tables of any kind, recognised by their content: csv and its like, JSON, JSON lines and Parquet."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from training.datasets.incoming.tree import is_picture_name
from training.datasets.untrusted import MAX_LINE_LENGTH, PACKED_DAMAGE, bounded_lines, check_unpacked_size, open_text
from training.errors import DatasetError

MAX_ROWS = 2_000_000
"""Most rows of a table; the largest dataset of facial expressions has a million pictures."""

MAX_JSON_CHARACTERS = 100_000_000
"""Longest JSON file that is read whole; a million boxes in COCO's form have about as many."""

_DAMAGE = (*PACKED_DAMAGE, pa.ArrowException, csv.Error, RecursionError)
_SEPARATORS = ",;\t|"
_LIST_LINE = re.compile(r"(\S+) +\S+")
_ROWS_AT_ONCE = 64


@dataclass(frozen=True)
class Table:
    """A table, whose rows are read when they are asked for.

    Attributes:
        path: The file.
        columns: Names of the columns; "1", "2", … where the file has no header.
        read: Takes names of columns and yields a tuple of their values for each row, as text where the file is text.
        numbers: Names of classes by number, by column, where the file tells (Hugging Face's `ClassLabel`).
        binary: Names of the columns that hold files' bytes.
    """

    path: Path
    columns: tuple[str, ...]
    read: Callable[[Sequence[str]], Iterator[tuple[Any, ...]]]
    numbers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    binary: frozenset[str] = frozenset()

    @property
    def lacks_header(self) -> bool:
        """Whether the columns have numbers for names."""
        return self.columns == _numbered(len(self.columns))

    def column(self, *names: str) -> str | None:
        """Find the first column that has one of some names, whatever their case and the spaces around them."""
        plain = {name.strip().lower(): name for name in reversed(self.columns)}
        return next((plain[name] for name in names if name in plain), None)

    def cell(self, column: str) -> Callable[[int], Any]:
        """Return a function that reads a column's value in a row, quickly as long as the rows come in order."""
        position, rows = 0, self.read([column])

        def value(row: int) -> Any:
            nonlocal position, rows
            if row < position:
                position, rows = 0, self.read([column])
            while True:
                (found,) = next(rows, (None,))
                position += 1
                if position > row:
                    return found

        return value


def open_table(path: Path) -> Table | None:
    """Open a table.

    Args:
        path: A file of any kind.

    Returns:
        The table; None if the file is none.

    Raises:
        DatasetError: The file cannot be read, or is a table that is damaged or far too large.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == b"PAR1":
            return _parquet(path)
        with open_text(path) as text:
            first = text.read(MAX_LINE_LENGTH)
    except OSError as error:
        if error.errno:
            raise DatasetError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
        return None
    except UnicodeError:
        if path.suffix.lower() in (".csv", ".tsv", ".txt", ".jsonl") and b"\0" not in start:
            raise DatasetError(f"{path}: text in another encoding than UTF-8; save it again in UTF-8") from None
        return None
    except PACKED_DAMAGE:
        return None
    if not first.strip() or "\0" in first:
        return None
    if first.lstrip()[0] in "{[":
        return _json(path, first)
    return _csv(path, first)


def read_json(path: Path) -> Any:
    """Read a JSON file as a whole.

    Raises:
        DatasetError: It is far too large, or no JSON.
    """
    try:
        with open_text(path) as file:
            text = file.read(MAX_JSON_CHARACTERS + 1)
        if len(text) > MAX_JSON_CHARACTERS:
            raise DatasetError(f"{path}: refused, because it has more than {MAX_JSON_CHARACTERS:,} characters")
        return json.loads(text)
    except (*_DAMAGE, UnicodeError) as error:
        raise DatasetError(f"{path}: not readable as JSON ({str(error)[:100]})") from None


def rows_of_text(path: Path, separator: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a csv that are not empty, each with its number, counted from 0 for the header.

    Args:
        path: The file, packed or not.
        separator: Text between two fields; found out from the first line by default.

    Raises:
        DatasetError: The file is cut short, damaged or no text; the message names the row.
    """
    row = 0
    try:
        lines = bounded_lines(path)
        first = next(lines, "")
        separator = separator or separator_of(first)
        lines = _chain(first, lines)
        lines = map(str.strip, lines) if separator == " " else lines
        for row, fields in enumerate(csv.reader(lines, delimiter=separator, skipinitialspace=True)):
            if row > MAX_ROWS:
                raise DatasetError(f"{path}: refused, because it has more than {MAX_ROWS:,} rows")
            if fields:
                yield row, fields
    except DatasetError:
        raise
    except (UnicodeError, csv.Error) as error:
        raise DatasetError(f"{path}, after row {row}: not readable as csv text ({error}); save it in UTF-8") from None
    except _DAMAGE:
        raise DatasetError(
            f"{path}: the file is damaged or cut short after row {row}; copy or download it again"
        ) from None


def separator_of(line: str) -> str:
    """Find what stands between the fields of a line: a comma, semicolon, tab or bar, or a space after a picture's name.

    Examples:
        >>> separator_of("emotion;pixels;Usage"), separator_of("1.jpg happy")
        (';', ' ')
    """
    if (listed := _LIST_LINE.fullmatch(line.strip())) and is_picture_name(listed[1]):
        return " "
    return max(_SEPARATORS, key=line.count)


def _chain(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _csv(path: Path, first: str) -> Table | None:
    try:
        is_whole = "\n" in first or len(first) < MAX_LINE_LENGTH
        line = first.splitlines()[0] if is_whole else next(bounded_lines(path))
        separator = separator_of(line)
        header = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except (*_DAMAGE, UnicodeError):
        return None
    if len(header) < 2:
        return None
    has_header = not any(is_picture_name(name) for name in header)
    columns = tuple(name.strip() for name in header) if has_header else _numbered(len(header))
    if len(set(columns)) < len(columns):  # such as an index without a name, twice
        columns = tuple(f"{name}#{i + 1}" if columns.index(name) != i else name for i, name in enumerate(columns))

    def read(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        positions = [columns.index(name) for name in names]
        for row, fields in rows_of_text(path, separator):
            if row or not has_header:
                if len(fields) != len(columns):
                    raise DatasetError(
                        f"{path}, row {row}: {len(fields)} fields instead of {len(columns)}; is the file cut short?"
                    )
                yield tuple(fields[position].strip() for position in positions)

    return Table(path, columns, read)


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(str(number + 1) for number in range(count))


def _json(path: Path, first: str) -> Table | None:
    line = first.splitlines()[0]
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if record == {}:
        return None
    if isinstance(record, dict) and "\n" in first.strip():
        return _records(path, lambda: _json_lines(path), record)
    if first.lstrip()[0] == "[":
        content = read_json(path)
        if content and isinstance(content[0], dict) and content[0]:
            return _records(path, lambda: iter(content), content[0])
    return _records(path, lambda: _json_lines(path), record) if isinstance(record, dict) else None


def _json_lines(path: Path) -> Iterator[Any]:
    try:
        for line in filter(str.strip, bounded_lines(path)):
            yield json.loads(line)
    except DatasetError:
        raise
    except (*_DAMAGE, UnicodeError) as error:
        raise DatasetError(f"{path}: not readable as JSON lines ({str(error)[:100]})") from None


def _records(path: Path, records: Callable[[], Iterator[Any]], first: dict) -> Table:
    def read(names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        for row, record in enumerate(records(), start=1):
            if row > MAX_ROWS:
                raise DatasetError(f"{path}: refused, because it has more than {MAX_ROWS:,} rows")
            if not isinstance(record, dict):
                raise DatasetError(f"{path}, row {row}: no record such as the first; each row is an object in braces")
            yield tuple(record.get(name) for name in names)

    return Table(path, tuple(map(str, first)), read)


def _parquet(path: Path) -> Table:
    try:
        with pq.ParquetFile(path) as file:
            schema, groups = file.schema_arrow, file.metadata
            if groups.num_rows > MAX_ROWS:
                raise DatasetError(f"{path}: refused, because it has more than {MAX_ROWS:,} rows")
            check_unpacked_size(path, sum(groups.row_group(i).total_byte_size for i in range(groups.num_row_groups)))
        about = schema.metadata or {}
        if b"mien" in about:
            raise DatasetError(f"{path}: is a dataset already, which `import` wrote; give it to --data as it is")
        binary = frozenset(column.name for column in schema if _holds_bytes(column.type))
        return Table(path, tuple(schema.names), lambda names: _cells(path, names), _class_labels(about), binary)
    except _DAMAGE as error:
        raise DatasetError(f"{path}: not readable as Parquet ({str(error)[:200]})") from None


def _holds_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):  # Hugging Face's `Image`, whose bytes may be left out
        return bool({"bytes", "path"} & {kind.field(i).name for i in range(kind.num_fields)})
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _cells(path: Path, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=list(names)):
                batch.validate(full=True)  # a damaged file may hold bytes that are no text
                yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)
    except _DAMAGE as error:
        raise DatasetError(f"{path}: not readable as Parquet ({str(error)[:200]})") from None


def _class_labels(about: Mapping[bytes, bytes]) -> dict[str, dict[str, str]]:
    """Read the names of classes that Hugging Face's library writes into a file's metadata."""
    try:
        features = json.loads(about.get(b"huggingface", b"{}"))["info"]["features"]
        return {
            str(column): {str(number): str(name) for number, name in enumerate(feature["names"])}
            for column, feature in features.items()
            if isinstance(feature, dict) and isinstance(feature.get("names"), list)
        }
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
