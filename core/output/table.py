"""What files hold of readings: records of single pictures, and the one table that pictures and streams come to.

The table has a row for each face of each picture or frame; recordings, charts and all kinds of files share its columns.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from ..cards import Card
from ..errors import SinkError
from ..labels import FER7, FERPLUS8
from ..readings import Answer, Frame, Reading
from ..runtime.listing import as_text
from .provenance import KEY, Provenance

Row = dict[str, object]
Kind = Literal["csv", "jsonl", "parquet", "xlsx"]

_OF_A_FACE = ("face", "x", "y", "w", "h", "score", "label", "confidence", "unsure", "hints", *FER7.labels)

FACE_COLUMNS = ("path", *_OF_A_FACE)
"""The columns that every table of single pictures begins with."""

COLUMNS = ("time_s", "frame", *_OF_A_FACE)
"""The columns that every table of a stream begins with."""

CLIP_COLUMNS = ("path", *COLUMNS)
"""The columns that a table of several clips begins with."""

RAW_COLUMNS = tuple(f"raw_{label}" for label in FER7.labels)
"""Columns for the model's answer to this very frame, before smoothing."""

POSE_COLUMNS = ("yaw", "pitch", "roll")
"""Columns for the turn of the head, in degrees; see `HeadPose`."""

UNSURE = "unsure"
"""The label to show where the model is unsure."""

SHEET_ROWS = 1_048_576
"""How many rows a sheet of Excel holds, its header included."""

_TYPES = {
    **dict.fromkeys(("frame", "face"), pa.int64()),
    **dict.fromkeys(("label", "hints", "event", "path"), pa.string()),
    "unsure": pa.bool_(),
}


def picture_record(path: str | Path, frame: Frame, made_by: Provenance | None = None) -> dict:
    """A picture and its faces as plain JSON types, which say the same of a face as a row of a table.

    Args:
        path: Path or name of the picture.
        frame: Readings of the picture.
        made_by: Provenance of the readings, for records that stand alone.

    Examples:
        >>> picture_record("wall.jpg", Frame(width=80, height=60, readings=()))
        {'path': 'wall.jpg', 'width': 80, 'height': 60, 'faces': []}
    """
    faces = [_face(number, reading) for number, reading in enumerate(frame.readings, start=1)]
    return {"path": as_text(path), "width": frame.width, "height": frame.height, "faces": faces} | (
        {"made_by": made_by.facts()} if made_by else {}
    )


def _face(position: int, reading: Reading) -> dict:
    row = _values(position, reading)
    return {
        "face": row["face"],
        "box": [row[name] for name in ("x", "y", "w", "h")],
        **{name: row[name] for name in ("score", "label", "confidence", "unsure")},
        "probabilities": {label: round(value, 4) for label, value in reading.probabilities.items()},
        "hints": list(reading.face.quality.hints),
        **_pose(reading),
        **({"movements": _movements(reading)} if reading.face.blendshapes else {}),
    }


def columns_for(
    card: Card,
    raw: bool = False,
    event: bool = False,
    blendshapes: Iterable[str] = (),
    start: Sequence[str] = COLUMNS,
    pose: bool = False,
) -> tuple[str, ...]:
    """The columns of a table.

    Args:
        card: Card of the model that reads; where it answers `contempt`, that is a column too.
        raw: Whether to add `RAW_COLUMNS`.
        event: Whether to add a column for the viewer's markers.
        blendshapes: Names of the mesh's movements to add as columns.
        start: The first columns: `COLUMNS` of a stream, `CLIP_COLUMNS` of several, or `FACE_COLUMNS` of pictures.
        pose: Whether to add `POSE_COLUMNS`, which a face with a mesh fills.
    """
    contempt = ("contempt",) if FERPLUS8.name in card.outputs else ()
    extra = (*(RAW_COLUMNS if raw else ()), *contempt, *(("event",) if event else ()), *(POSE_COLUMNS if pose else ()))
    return (*start, *extra, *blendshapes)


def frame_rows(
    frame: Frame,
    columns: Sequence[str] = COLUMNS,
    event: str | None = None,
    path: str | Path | None = None,
    every_row: bool = False,
) -> list[Row]:
    """A row for each face of a frame, with the given columns as keys: the one way in which readings become a table.

    Where the model is unsure, `label` is "unsure", as people see it, `unsure` is true, and `confidence` is that of the
    likeliest label; the probabilities say which one that is.

    Args:
        frame: A frame of a stream, or a single picture.
        columns: The keys of each row, in order; what a face lacks is None.
        event: Marker that a viewer set at this frame, for the column of that name.
        path: Path of the file that the frame is from, for the column of that name.
        every_row: Whether a frame without a face gets a row too, in which everything about a face is None.

    Examples:
        >>> frame_rows(Frame(width=80, height=60, readings=()))
        []
        >>> frame_rows(Frame(width=80, height=60, readings=()), ("frame", "face", "label"), every_row=True)
        [{'frame': 0, 'face': None, 'label': None}]
    """
    every: Row = {"time_s": round(frame.time_s, 6), "frame": frame.index, "event": event}
    every |= {"path": None if path is None else as_text(path)}
    faces = [every | _values(number, reading) for number, reading in enumerate(frame.readings, 1)]
    return [{name: values.get(name) for name in columns} for values in faces or ([every] if every_row else [])]


def shown_label(reading: Reading) -> str:
    """The label of a reading as people see it: "unsure" where the model is unsure."""
    return _shown(reading.answer)


def answer_values(answers: Mapping[str, Answer]) -> Row:
    """The part of a row that answers make up: the shown label, how sure it is, and the probabilities.

    Args:
        answers: Answers by label set, the main one first.

    Examples:
        >>> answer_values({"fer7": Answer(dict.fromkeys(FER7.labels, 0.1) | {"sad": 0.4})})["label"]
        'sad'
    """
    main = next(iter(answers.values()))
    values: Row = {"label": _shown(main), "confidence": round(main.confidence, 4), "unsure": main.unsure}
    if FERPLUS8.name in answers:
        values["contempt"] = round(answers[FERPLUS8.name].probabilities["contempt"], 4)
    return values | {name: round(value, 4) for name, value in _seven(answers).items()}


def _shown(answer: Answer) -> str:
    return UNSURE if answer.unsure else answer.label


def _values(position: int, reading: Reading) -> Row:
    x, y, w, h = (round(value, 1) for value in reading.face.box)
    face = position if reading.number is None else reading.number
    values: Row = {"face": face, "x": x, "y": y, "w": w, "h": h, "score": round(reading.face.score, 4)}
    values |= answer_values(reading.answers)
    values |= {f"raw_{name}": round(value, 4) for name, value in _seven(reading.raw or {}).items()}
    values |= {"hints": "; ".join(reading.face.quality.hints) or None, **_pose(reading)}
    return values | _movements(reading)


def _pose(reading: Reading) -> dict[str, float]:
    pose = reading.face.quality.pose
    return {name: round(getattr(pose, name), 1) for name in POSE_COLUMNS} if pose else {}


def _movements(reading: Reading) -> dict[str, float]:
    return {name: round(value, 4) for name, value in (reading.face.blendshapes or {}).items()}


def _seven(answers: Mapping[str, Answer]) -> dict[str, float]:
    answer = answers.get(FER7.name) or next(iter(answers.values()), None)
    return {label: answer.probabilities[label] for label in FER7.labels} if answer else {}


def schema(columns: Sequence[str], named_faces: bool = False, made_by: Provenance | None = None) -> pa.Schema:
    """The Arrow types of a table.

    Args:
        columns: Names of the columns, in order.
        named_faces: Whether faces are named by text instead of numbered.
        made_by: Provenance of the rows, for the file's metadata.
    """
    types = _TYPES | ({"face": pa.string()} if named_faces else {})
    metadata = made_by.parquet_metadata() if made_by else None
    return pa.schema([(name, types.get(name, pa.float64())) for name in columns], metadata)


def encode(rows: Sequence[Row], columns: Sequence[str], kind: Kind, made_by: Provenance | None = None) -> bytes:
    """A whole table as the bytes of a file.

    Args:
        rows: The rows, each with all columns as keys.
        columns: Names of the columns, in order.
        kind: Kind of the file.
        made_by: Provenance of the rows: metadata of a Parquet file, a second sheet of a workbook. In csv and JSON Lines
            there is no place for it that readers would not take for a row; see `provenance.beside`.

    Raises:
        SinkError: There are more rows than an Excel sheet holds.

    Examples:
        >>> encode([{"face": 1, "label": "sad"}], ("face", "label"), "csv")
        b'face,label\\n1,sad\\n'
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
        write_sheet(
            [[row[name] for name in columns] for row in rows], len(rows), columns, stream, made_by and made_by.facts()
        )
    else:
        named = any(isinstance(row["face"], str) for row in rows)
        pq.write_table(pa.Table.from_pylist(list(rows), schema(columns, named, made_by)), stream)
    return stream.getvalue()


def json_line(row: Row) -> str:
    """A row as one line of a JSON Lines file, with its line end."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def write_sheet(
    rows: Iterable[Sequence],
    count: int,
    columns: Sequence[str],
    target: BinaryIO | str,
    made_by: Mapping[str, Any] | None = None,
) -> None:
    """Write an Excel workbook row by row, in constant memory.

    Args:
        rows: The cells of each row, in the order of the columns.
        count: Number of rows.
        columns: Names of the columns, in order.
        target: Path of the file, or an open binary file.
        made_by: `Provenance.facts` of the rows, for a second sheet: a row for each.

    Raises:
        SinkError: There are more rows than a sheet holds.
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
        if made_by:
            second = book.add_worksheet(KEY)
            for number, (name, value) in enumerate(made_by.items()):
                told = value if isinstance(value, str | int | float | None) else json.dumps(value)
                second.write_row(number, 0, (name, told))
