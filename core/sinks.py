"""Readings -> records that files and other programs take."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from .labels import FER7
from .readings import Frame

FACE_COLUMNS = ("path", "face", "x", "y", "w", "h", "score", "label", "confidence", *FER7.labels)
"""Columns of a table with a row for each face of each picture."""


def picture_record(path: str, frame: Frame) -> dict:
    """A picture and its faces as plain JSON types: what `core read --json` prints."""
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
        "hints": list(reading.face.view.hints),
    }


def write_csv(pictures: Iterable[tuple[str, Frame]], stream: TextIO) -> None:
    """Write the faces of several pictures, each given as (path, frame), as one csv table."""
    writer = csv.DictWriter(stream, FACE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for path, frame in pictures:
        writer.writerows(face_rows(path, frame))
