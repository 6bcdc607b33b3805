import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.labels import FER7, FERPLUS8
from core.output.table import (
    COLUMNS,
    FACE_COLUMNS,
    POSE_COLUMNS,
    RAW_COLUMNS,
    encode,
    frame_rows,
    picture_record,
)
from core.readings import Answer, HeadPose, Reading


def of_picture(path, frame, **options):
    return frame_rows(frame, FACE_COLUMNS, path=path, **options)


def in_doubt(frame):
    (reading,) = frame(1).readings
    return replace(frame(0), readings=(replace(reading, answers={"fer7": replace(reading.answer, unsure_below=0.9)}),))


def test_a_record_is_plain_json_with_all_seven_probabilities(frame):
    record = json.loads(json.dumps(picture_record("a.jpg", frame(1))))
    assert record["path"] == "a.jpg"
    assert (record["width"], record["height"]) == (640, 480)
    (face,) = record["faces"]
    assert face["box"] == [1.2, 2, 30, 40]
    assert face["label"] == "happy"
    assert list(face["probabilities"]) == list(FER7.labels)
    assert face["hints"] == ["too dark: add light"]


def test_no_face_is_an_empty_list(frame):
    assert picture_record("a.jpg", frame(0))["faces"] == []


def test_the_table_has_a_row_for_each_face_and_quotes_names(frame):
    made = of_picture('odd, "name".jpg', frame(2)) + of_picture("none.jpg", frame(0))
    rows = list(csv.DictReader(io.StringIO(encode(made, FACE_COLUMNS, "csv").decode())))
    assert [row["face"] for row in rows] == ["1", "2"]
    assert rows[0]["path"] == 'odd, "name".jpg'
    assert tuple(rows[0]) == FACE_COLUMNS
    assert (rows[0]["unsure"], rows[0]["hints"]) == ("False", "too dark: add light")
    assert float(rows[0]["happy"]) == 0.6


def test_a_row_has_the_promised_columns_in_their_order(stream):
    assert COLUMNS == (
        "time_s", "frame", "face", "x", "y", "w", "h", "score", "label", "confidence", "unsure", "hints",
        "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral",
    )  # fmt: skip
    assert ("path", *COLUMNS[2:]) == FACE_COLUMNS
    (row, _) = frame_rows(next(stream(1)))
    assert tuple(row) == COLUMNS
    assert (row["face"], row["label"], row["happy"], row["x"]) == (7, "happy", 0.6, 1.2)


def test_rows_and_records_say_unsure_as_the_screen_does(frame):
    doubtful = in_doubt(frame)
    (row,) = frame_rows(doubtful)
    assert (row["label"], row["confidence"], row["unsure"], row["happy"]) == ("unsure", 0.6, True, 0.6)
    (sure,) = frame_rows(frame(1))
    assert (sure["label"], sure["unsure"]) == ("happy", False)
    (other,) = of_picture("a.jpg", doubtful)
    (told,) = picture_record("a.jpg", doubtful)["faces"]
    for name in ("face", "score", "label", "confidence", "unsure"):
        assert told[name] == other[name], name
    assert (told["probabilities"]["happy"], "; ".join(told["hints"])) == (other["happy"], other["hints"])


def test_a_face_that_is_seen_well_has_no_hints(frame):
    (reading,) = frame(1).readings
    well = replace(reading.face, quality=replace(reading.face.quality, light=0.5))
    (row,) = frame_rows(replace(frame(0), readings=(replace(reading, face=well),)))
    assert row["hints"] is None


def test_columns_that_not_every_stream_has(frame):
    (reading,) = frame(1).readings
    eight = Answer(dict.fromkeys(FERPLUS8.labels, 0.1) | {"contempt": 0.3})
    turned = replace(reading.face.quality, pose=HeadPose(yaw=12.34, pitch=-5, roll=1))
    face = replace(reading.face, blendshapes={"jawOpen": 0.25}, quality=turned)
    raw = {"fer7": Answer(dict.fromkeys(FER7.labels, 1 / 7))}
    rich = Reading(face, {**reading.answers, "ferplus8": eight}, number=3, raw=raw)
    columns = (*COLUMNS, *RAW_COLUMNS, "contempt", "event", *POSE_COLUMNS, "jawOpen")
    (row,) = frame_rows(replace(frame(0), readings=(rich,)), columns, event="film begins")
    assert tuple(row) == columns
    assert (row["raw_sad"], row["contempt"], row["event"], row["jawOpen"]) == (0.1429, 0.3, "film begins", 0.25)
    assert tuple(row[name] for name in POSE_COLUMNS) == (12.3, -5, 1)
    (poor,) = frame_rows(frame(1), columns)
    assert (poor["raw_sad"], poor["contempt"], poor["event"], poor["jawOpen"]) == (None, None, None, None)
    assert not any(poor[name] for name in POSE_COLUMNS)
    (told,) = picture_record("a.jpg", replace(frame(0), readings=(rich,)))["faces"]
    assert (told["yaw"], told["pitch"], told["roll"]) == (12.3, -5, 1)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_faces_with_names(kind, tmp_path, stream, read_table):
    named = [row | {"face": "=Ann, the 1st"} for each in stream(2, faces=1) for row in frame_rows(each)]
    path = tmp_path / f"named.{kind}"
    path.write_bytes(encode(named, COLUMNS, kind))
    assert set(read_table(path)["face"]) == {"=Ann, the 1st"}


def test_a_row_without_a_face_on_request(frame, stream):
    assert of_picture("a.jpg", frame(0)) == []
    (row,) = of_picture("a.jpg", frame(0), every_row=True)
    assert (row["path"], {value for name, value in row.items() if name != "path"}) == ("a.jpg", {None})
    assert len(of_picture("a.jpg", frame(2), every_row=True)) == 2
    (row,) = frame_rows(replace(next(stream(1)), readings=(), index=5, time_s=0.2), every_row=True)
    assert (row["frame"], row["time_s"], row["face"], row["happy"]) == (5, 0.2, None, None)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_a_name_that_is_no_text_is_escaped(kind, tmp_path, frame, read_table):
    name = Path(os.fsdecode(b"caf\xe9.jpg"))
    path = tmp_path / f"named.{kind}"
    path.write_bytes(encode(of_picture(name, frame(1)), FACE_COLUMNS, kind))
    assert list(read_table(path)["path"]) == ["caf\\xe9.jpg"]
    assert picture_record(name, frame(0))["path"] == "caf\\xe9.jpg"
