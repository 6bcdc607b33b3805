"""Frames -> rows, one for each face and frame: the one table that every file, recording and chart of a stream has."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from ..cards import Card
from ..errors import SinkError
from ..labels import FER7, FERPLUS8
from ..readings import Answer, Frame, Reading

Row = dict[str, object]
Kind = Literal["csv", "jsonl", "parquet", "xlsx"]

COLUMNS = ("time_s", "frame", "face", "x", "y", "w", "h", "label", "confidence", *FER7.labels)
"""The columns that every such table begins with."""

RAW_COLUMNS = tuple(f"raw_{label}" for label in FER7.labels)
"""What was read from this very frame, before smoothing."""

UNSURE = "unsure"
"""The label where the model would rather not say."""

SHEET_ROWS = 1_048_576
"""What a sheet of Excel holds, its header included."""

_TYPES = {"frame": pa.int64(), "face": pa.int64(), "label": pa.string(), "event": pa.string()}


def columns_for(card: Card, raw: bool = False, event: bool = False, blendshapes: Iterable[str] = ()) -> tuple[str, ...]:
    """The columns of a table.

    Args:
        card: Of the model; `contempt` is a column when it answers that.
        raw: Add `RAW_COLUMNS`.
        event: Add the viewer's markers.
        blendshapes: Names of the mesh's movements to add.
    """
    contempt = ("contempt",) if FERPLUS8.name in card.outputs else ()
    return (*COLUMNS, *(RAW_COLUMNS if raw else ()), *contempt, *(("event",) if event else ()), *blendshapes)


def frame_rows(frame: Frame, columns: Sequence[str] = COLUMNS, event: str | None = None) -> list[Row]:
    """A row for each face of a frame, with the given columns as keys; what a face lacks is None."""
    return [
        {name: values.get(name) for name in columns}
        for values in (_values(frame, number, reading, event) for number, reading in enumerate(frame.readings, 1))
    ]


def shown_label(reading: Reading) -> str:
    """The label as people see it: "unsure" where the model would rather not say."""
    return _shown(reading.answer)


def answer_values(answers: Mapping[str, Answer]) -> Row:
    """What answers come to in a row: the shown label, its confidence, and the probabilities."""
    main = next(iter(answers.values()))
    values: Row = {"label": _shown(main), "confidence": round(main.confidence, 4)}
    if FERPLUS8.name in answers:
        values["contempt"] = round(answers[FERPLUS8.name].probabilities["contempt"], 4)
    return values | {name: round(value, 4) for name, value in _seven(answers).items()}


def _shown(answer: Answer) -> str:
    return UNSURE if answer.unsure else answer.label


def _values(frame: Frame, position: int, reading: Reading, event: str | None) -> Row:
    x, y, w, h = (round(value, 1) for value in reading.face.box)
    face = position if reading.number is None else reading.number
    values: Row = {"time_s": round(frame.time_s, 6), "frame": frame.index, "face": face, "x": x, "y": y, "w": w, "h": h}
    values |= {"event": event, **answer_values(reading.answers)}
    values |= {f"raw_{name}": round(value, 4) for name, value in _seven(reading.raw or {}).items()}
    return values | {name: round(value, 4) for name, value in (reading.face.blendshapes or {}).items()}


def _seven(answers) -> dict[str, float]:
    answer = answers.get(FER7.name) or next(iter(answers.values()), None)
    return {label: answer.probabilities[label] for label in FER7.labels} if answer else {}


def schema(columns: Sequence[str], named_faces: bool = False) -> pa.Schema:
    """Arrow types of a table; faces are numbers, or names once somebody gave them some."""
    types = _TYPES | ({"face": pa.string()} if named_faces else {})
    return pa.schema([(name, types.get(name, pa.float64())) for name in columns])


def encode(rows: Sequence[Row], columns: Sequence[str], kind: Kind) -> bytes:
    """The whole table as the bytes of a file.

    Raises:
        SinkError: there are more rows than the kind of file holds.
    """
    if kind == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()
    if kind == "jsonl":
        return "".join(json_line(row) for row in rows).encode()
    stream = io.BytesIO()
    if kind == "xlsx":
        write_sheet([[row[name] for name in columns] for row in rows], len(rows), columns, stream)
    else:
        named = any(isinstance(row["face"], str) for row in rows)
        pq.write_table(pa.Table.from_pylist(list(rows), schema(columns, named)), stream)
    return stream.getvalue()


def json_line(row: Row) -> str:
    """A row as a line of JSON Lines."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def write_sheet(rows: Iterable[Sequence], count: int, columns: Sequence[str], target: BinaryIO | str) -> None:
    """Write an Excel workbook of one sheet row by row, in constant memory.

    Raises:
        SinkError: there are more rows than a sheet holds.
    """
    import xlsxwriter

    if count >= SHEET_ROWS:
        raise SinkError(f"{count:,} rows are more than the {SHEET_ROWS:,} that an Excel sheet holds; choose Parquet")
    # Text stays text: a name that begins with "=" is no formula, one that looks like an address no link.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("faces")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
