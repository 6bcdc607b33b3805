"""Readings -> files that other programs take: tables of a stream's frames, records of single pictures."""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TextIO

from ..errors import SinkError
from ..labels import FER7
from ..readings import Frame
from .partial_table import Parts
from .table import COLUMNS, Row, frame_rows, json_line

FACE_COLUMNS = ("path", "face", "x", "y", "w", "h", "score", "label", "confidence", *FER7.labels)
"""Columns of a table with a row for each face of each picture."""


def picture_record(path: str, frame: Frame) -> dict:
    """A picture and its faces as plain JSON types: what the command `read --json` prints."""
    return {"path": path, "width": frame.width, "height": frame.height, "faces": [_face(r) for r in frame.readings]}


def face_rows(path: str, frame: Frame) -> Iterator[dict]:
    """A flat row for each face, with `FACE_COLUMNS` as keys; none where there is no face."""
    for number, face in enumerate(picture_record(path, frame)["faces"], start=1):
        x, y, w, h = face["box"]
        row = {"path": path, "face": number, "x": x, "y": y, "w": w, "h": h}
        yield row | {name: face[name] for name in ("score", "label", "confidence")} | face["probabilities"]


def _face(reading) -> dict:
    return {
        "box": [round(value, 1) for value in reading.face.box],
        "score": round(reading.face.score, 4),
        "label": reading.label,
        "confidence": round(reading.confidence, 4),
        "unsure": reading.unsure,
        "probabilities": {label: round(value, 4) for label, value in reading.probabilities.items()},
        "hints": list(reading.face.quality.hints),
    }


def write_csv(pictures: Iterable[tuple[str, Frame]], stream: TextIO) -> None:
    """Write the faces of several pictures, each given as (path, frame), as one csv table."""
    writer = csv.DictWriter(stream, FACE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for path, frame in pictures:
        writer.writerows(face_rows(path, frame))


class Sink(ABC):
    """Takes a stream's frames and writes a row for each face; a context manager.

    However the block ends, what was written before is kept.

    Args:
        path: The file. One that exists is replaced.
        columns: See `rows.columns_for`.

    Raises:
        SinkError: the file cannot be written.
    """

    def __init__(self, path: str | Path, columns: Sequence[str] = COLUMNS) -> None:
        self.path = Path(path)
        self.columns = tuple(columns)

    def __enter__(self) -> Self:
        with self._errors_named():
            self._open()
        return self

    def __exit__(self, *_) -> None:
        with self._errors_named():
            self._close()

    def write(self, frame: Frame, event: str | None = None) -> None:
        """Write the frame's faces; `event` is a viewer's marker, where the columns have one."""
        rows = frame_rows(frame, self.columns, event)
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
    """An object a line, on the disk at once."""

    def _open(self) -> None:
        self._stream = open(self.path, "w", encoding="utf-8", newline="")  # noqa: SIM115 (closed in _close)

    def _take(self, rows: list[Row]) -> None:
        self._stream.writelines(map(json_line, rows))
        self._stream.flush()

    def _close(self) -> None:
        self._stream.close()


class CsvSink(JsonLinesSink):
    """A table with a header, on the disk at once."""

    def _open(self) -> None:
        super()._open()
        self._writer = csv.DictWriter(self._stream, self.columns, lineterminator="\n")
        self._writer.writeheader()
        self._stream.flush()

    def _take(self, rows: list[Row]) -> None:
        self._writer.writerows(rows)
        self._stream.flush()


class PartsSink(Sink):
    """Parquet or Excel, by the file's name: written in finished parts beside it, which become the file at the end.

    After a kill the parts are still there: the command `recover` makes the file of them.
    """

    def _open(self) -> None:
        self._parts = Parts(self.path, self.columns)

    def _take(self, rows: list[Row]) -> None:
        self._parts.add(rows)

    def _close(self) -> None:
        self._parts.finish()


SINKS: dict[str, type[Sink]] = {".csv": CsvSink, ".jsonl": JsonLinesSink, ".parquet": PartsSink, ".xlsx": PartsSink}
"""By the suffix of the file's name."""


def open_sink(path: str | Path, columns: Sequence[str] = COLUMNS) -> Sink:
    """The sink for a file name.

    Raises:
        SinkError: no sink has that suffix.

    Examples:
        >>> with open_sink("faces.csv") as sink:  # doctest: +SKIP
        ...     sink.write(frame)
    """
    sink = SINKS.get(Path(path).suffix.lower())
    if sink is None:
        known = ", ".join(suffix.removeprefix(".") for suffix in SINKS)
        raise SinkError(f"{path}: the name must end in one of {known}")
    return sink(path, columns)
