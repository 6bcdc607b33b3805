"""`Changes`: what people decide about rows of a dataset, in a list beside the dataset file, which stays as it is."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core.labels import FERPLUS8
from core.runtime.files import write_whole
from training.datasets.index import Rows
from training.errors import DatasetError

COLUMNS = ("row", "hash", "split", "label", "excluded", "new_label", "tags", "step", "time")
"""The columns of a list, in order. `split`, `label` and `time` are there for readers; nothing depends on them."""

_READ = ("row", "hash", "excluded", "new_label", "tags", "step")
_YES = "yes"
_BETWEEN_TAGS = "; "
_LARGEST_BYTES = 100_000_000
_LOCK = threading.Lock()  # of this process, for whoever reads a list, changes it and writes it


@dataclass(frozen=True)
class Change:
    """What was decided about one row.

    Attributes:
        excluded: Whether a clean copy leaves the row out.
        label: Name of the label that a clean copy gives the row; None for the one that it has.
        tags: Words that people gave the row, which change nothing.
    """

    excluded: bool = False
    label: str | None = None
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Change()

    def __str__(self) -> str:
        parts = ["left out"] * self.excluded + [f"relabelled {self.label}"] * bool(self.label)
        return ", ".join([*parts, *(f"#{tag}" for tag in self.tags)])


@dataclass(frozen=True)
class _Line:
    """A line of the list: a row's change from a step on. The lines of one step were written together."""

    row: int
    change: Change
    step: int
    time: str


class Changes:
    """The list of changes to one dataset. Any thread may use it; each decision is in the file before the call returns.

    A line names a row by its number and the hash of its pixels, so that a list cannot be taken for another dataset's.
    The last line of a row counts, and the lines before it are what `undo` goes back to.

    Args:
        rows: All rows of the dataset.
        path: The list; `beside` the dataset by default. A file that is not there is an empty list.

    Raises:
        DatasetError: The file is no list of changes, or belongs to another dataset.
    """

    def __init__(self, rows: Rows, path: Path | None = None) -> None:
        self.path = beside(rows.path) if path is None else path
        self._rows = rows
        self._read()

    def __len__(self) -> int:
        return len(self._current)

    def __getitem__(self, row: int) -> Change:
        return self._current.get(int(row), Change())

    def rows(self) -> list[int]:
        """Return the numbers of the rows that have a change, in the order of the dataset."""
        return sorted(self._current)

    def tags(self) -> list[str]:
        """Return all tags in use, in the order of the alphabet."""
        return sorted({tag for change in self._current.values() for tag in change.tags})

    def exclude(self, rows: Iterable[int], excluded: bool = True) -> None:
        """Have a clean copy leave rows out, or keep them.

        Raises:
            DatasetError: The list cannot be read or written.
        """
        self._write(rows, lambda row, change: replace(change, excluded=excluded))

    def relabel(self, rows: Iterable[int], label: str) -> None:
        """Have a clean copy give rows a label, one of `FERPLUS8`; the label that a row has already is no change.

        Raises:
            DatasetError: There is no such label, or the list cannot be read or written.
        """
        _check_label(label, self.path)
        self._write(rows, lambda row, change: replace(change, label=None if self._label(row) == label else label))

    def tag(self, rows: Iterable[int], tags: Iterable[str]) -> None:
        """Give rows these tags instead of those that they have.

        Raises:
            DatasetError: The list cannot be read or written.
        """
        wanted = tuple(dict.fromkeys(filter(None, (_tag(tag) for tag in tags))))
        self._write(rows, lambda row, change: replace(change, tags=wanted))

    def add_tag(self, rows: Iterable[int], tag: str) -> None:
        """Give rows one more tag.

        Raises:
            DatasetError: The list cannot be read or written.
        """
        more = tuple(filter(None, [_tag(tag)]))
        self._write(rows, lambda row, change: replace(change, tags=tuple(dict.fromkeys([*change.tags, *more]))))

    def undo(self) -> list[int]:
        """Take the last decision back, of one row or of several; returns their numbers, none if the list is empty.

        Raises:
            DatasetError: The list cannot be read or written.
        """
        with _LOCK:
            self._read()
            last = self._last_step()
            undone = sorted({line.row for line in self._lines if line.step == last})
            if undone:
                self._keep([line for line in self._lines if line.step != last])
            return undone

    def text(self) -> str:
        """Give the list as a csv with one line for each row that has a change."""
        last = {line.row: line for line in self._lines}
        return self._text(last[row] for row in self.rows())

    def excluded(self) -> np.ndarray:
        """Return the numbers of the rows that a clean copy leaves out, int64 (m,)."""
        return np.array([row for row in self.rows() if self._current[row].excluded], np.int64)

    def relabelled(self) -> dict[int, str]:
        """Return the new label of each row that has one and is not left out."""
        return {row: change.label for row, change in self._current.items() if change.label and not change.excluded}

    def _write(self, rows: Iterable[int], decide) -> None:
        with _LOCK:
            self._read()  # another process may have written meanwhile
            step, time = self._last_step() + 1, datetime.now(UTC).isoformat(timespec="seconds")
            decided = [(int(row), decide(int(row), self[row])) for row in rows]
            new = [_Line(row, change, step, time) for row, change in decided if change != self[row]]
            if new:
                self._keep([*self._lines, *new])

    def _last_step(self) -> int:
        return max((line.step for line in self._lines), default=0)

    def _keep(self, lines: list[_Line]) -> None:
        try:
            write_whole(self.path, self._text(lines))
        except OSError as error:
            raise DatasetError(
                f"{self.path}: cannot be written ({error.strerror or error}), so the change was not made; free space "
                "there, or copy the dataset to another folder"
            ) from None
        self._take(lines)

    def _take(self, lines: list[_Line]) -> None:
        self._lines = lines
        latest = {line.row: line.change for line in lines}
        self._current = {row: change for row, change in latest.items() if change}

    def _text(self, lines: Iterable[_Line]) -> str:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for line in lines:
            row, change = line.row, line.change
            writer.writerow(
                (row, self._rows.hashes[row], self._rows.splits[row], self._label(row), _YES if change.excluded else "",
                 change.label or "", _BETWEEN_TAGS.join(change.tags), line.step, line.time)
            )  # fmt: skip
        return stream.getvalue()

    def _label(self, row: int) -> str:
        return FERPLUS8.labels[self._rows.labels[row]]

    def _read(self) -> None:
        try:
            if not self.path.exists():
                self._take([])
                return
            if self.path.stat().st_size > _LARGEST_BYTES:
                raise DatasetError(f"{self.path}: is larger than any list of changes; choose another file")
            text = self.path.read_text(encoding="utf-8-sig")  # Excel begins a csv with a mark
        except OSError as error:
            raise DatasetError(f"{self.path}: cannot be read ({error.strerror or error})") from None
        except UnicodeDecodeError:
            raise DatasetError(f"{self.path}: is no list of changes, because it is no text; choose another") from None
        self._take(list(self._parsed(text)))

    def _parsed(self, text: str) -> Iterator[_Line]:
        try:
            reader = csv.DictReader(io.StringIO(text, newline=""))
            if missing := [name for name in _READ if name not in (reader.fieldnames or ())]:
                raise DatasetError(
                    f"{self.path}: lacks the column {missing[0]!r}; a list of changes is a csv with {', '.join(_READ)}"
                )
            for record in reader:
                yield self._line(record, reader.line_num)
        except csv.Error as error:
            raise DatasetError(f"{self.path}: is no csv ({error}); export the list again") from None

    def _line(self, record: dict, number: int) -> _Line:
        where = f"{self.path}, line {number}"
        if any(record[name] is None for name in _READ):
            raise DatasetError(f"{where}: is cut short; restore the file, or delete the line")
        row, step = (_number(record[name]) for name in ("row", "step"))
        if not 0 <= row < len(self._rows) or self._rows.hashes[row] != record["hash"]:
            raise DatasetError(
                f"{where}: row {record['row'][:20]} is another picture in {self._rows.path}; the list belongs to "
                "another dataset"
            )
        if record["excluded"] not in ("", _YES):
            raise DatasetError(f"{where}: excluded is {record['excluded'][:20]!r}; it must be {_YES!r} or empty")
        if record["new_label"]:
            _check_label(record["new_label"], where)
        tags = tuple(filter(None, (tag.strip() for tag in record["tags"].split(_BETWEEN_TAGS.strip()))))
        change = Change(record["excluded"] == _YES, record["new_label"] or None, tags)
        return _Line(row, change, step, record.get("time") or "")


def beside(dataset: Path) -> Path:
    """Name the list of changes that belongs to a dataset file and lies beside it."""
    return dataset.with_name(f"{dataset.stem}.changes.csv")


def _number(text: str) -> int:
    """A whole number from 0, or -1 for a text that is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else -1


def _tag(text: str) -> str:
    return " ".join(text.replace(_BETWEEN_TAGS.strip(), " ").split())


def _check_label(label: str, where: Path | str) -> None:
    if label not in FERPLUS8.labels:
        raise DatasetError(f"{where}: no label {label[:30]!r}; it must be one of {', '.join(FERPLUS8.labels)}")
