import csv
import io
import json

import numpy as np

from core.labels import FER7
from core.readings import Answer, Face, Frame, Reading, View
from core.sinks import FACE_COLUMNS, picture_record, write_csv


def frame(faces=2):
    view = View(inside=1.0, pixels=60, turn=0.1, roll=3, sharpness=0.7, light=0.05)
    face = Face((1.234, 2, 30, 40), 0.91234, ((2, 3), (8, 3)), (5, 8), view, np.zeros((48, 48, 3), np.uint8))
    answer = Answer(dict(zip(FER7.labels, (0.05, 0.05, 0.1, 0.6, 0.1, 0.05, 0.05), strict=True)))
    return Frame(640, 480, (Reading(face, {"fer7": answer}),) * faces)


def test_a_record_is_plain_json_with_all_seven_probabilities():
    record = json.loads(json.dumps(picture_record("a.jpg", frame(1))))
    assert record["path"] == "a.jpg"
    assert (record["width"], record["height"]) == (640, 480)
    (face,) = record["faces"]
    assert face["box"] == [1.2, 2, 30, 40]
    assert face["label"] == "happy"
    assert list(face["probabilities"]) == list(FER7.labels)
    assert face["hints"] == ["too dark: add light"]


def test_no_face_is_an_empty_list():
    assert picture_record("a.jpg", frame(0))["faces"] == []


def test_the_table_has_a_row_for_each_face_and_quotes_names():
    stream = io.StringIO()
    write_csv([('odd, "name".jpg', frame(2)), ("none.jpg", frame(0))], stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [row["face"] for row in rows] == ["1", "2"]
    assert rows[0]["path"] == 'odd, "name".jpg'
    assert tuple(rows[0]) == FACE_COLUMNS
    assert float(rows[0]["happy"]) == 0.6
