"""Frames to write, and tables to read back."""

import json
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from core.labels import FER7
from core.readings import Answer, Face, FaceQuality, Frame, Reading


def frame_of(faces=2):
    quality = FaceQuality(inside=1.0, pixels=60, turn=0.1, roll=3, sharpness=0.7, light=0.05)
    face = Face((1.234, 2, 30, 40), 0.91234, ((2, 3), (8, 3)), (5, 8), quality, np.zeros((48, 48, 3), np.uint8))
    answer = Answer(dict(zip(FER7.labels, (0.05, 0.05, 0.1, 0.6, 0.1, 0.05, 0.05), strict=True)))
    return Frame(640, 480, (Reading(face, {"fer7": answer}),) * faces)


def stream_of(frames, faces=2):
    """Frames of a stream whose faces have numbers, 25 a second."""
    for index in range(frames):
        readings = tuple(
            replace(reading, number=number, raw=reading.answers)
            for number, reading in enumerate(frame_of(faces).readings, start=7)
        )
        yield Frame(640, 480, readings, index=index, time_s=index / 25)


@pytest.fixture
def frame():
    """A picture in which a face, or any number of the same one, was read: `frame(faces=2)`."""
    return frame_of


@pytest.fixture
def stream():
    """Frames of a stream, 25 a second: `stream(frames, faces=2)`."""
    return stream_of


@pytest.fixture
def read_table():
    """Read any kind of table back as a pandas DataFrame."""
    import pandas as pd  # which the process that is killed does without

    def read(path):
        if path.suffix == ".csv":
            return pd.read_csv(path)
        if path.suffix == ".jsonl":
            return pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()])
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        header, *cells = _sheet(path)
        return pd.DataFrame(cells, columns=header)

    return read


def _sheet(path):
    """The cells of a workbook's only sheet; numbers as such."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as archive:
        tree = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [
        ["".join(cell.itertext()) if cell.get("t") else json.loads("".join(cell.itertext())) for cell in row]
        for row in tree.iterfind(".//x:row", space)
    ]
