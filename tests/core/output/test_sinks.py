import csv
import io
import json
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from core.cli.main import app
from core.errors import SinkError
from core.labels import FER7, FERPLUS8
from core.output import sinks
from core.output import table as tables
from core.output.sinks import merge, open_sink
from core.output.table import COLUMNS, FACE_COLUMNS, RAW_COLUMNS, encode, frame_rows, picture_record, write_csv
from core.readings import Answer, Face, FaceQuality, Frame, Reading


def frame(faces=2):
    quality = FaceQuality(inside=1.0, pixels=60, turn=0.1, roll=3, sharpness=0.7, light=0.05)
    face = Face((1.234, 2, 30, 40), 0.91234, ((2, 3), (8, 3)), (5, 8), quality, np.zeros((48, 48, 3), np.uint8))
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


def stream(frames, faces=2):
    """Frames of a stream whose faces have numbers, 25 a second."""
    for index in range(frames):
        readings = tuple(
            replace(reading, number=number, raw=reading.answers)
            for number, reading in enumerate(frame(faces).readings, start=7)
        )
        yield Frame(640, 480, readings, index=index, time_s=index / 25)


def sheet(path):
    """The cells of a workbook's only sheet; numbers as such."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as archive:
        tree = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [
        ["".join(cell.itertext()) if cell.get("t") else json.loads("".join(cell.itertext())) for cell in row]
        for row in tree.iterfind(".//x:row", space)
    ]


def read_table(path):
    if path.suffix == ".csv":
        return pd.read_csv(path)
    if path.suffix == ".jsonl":
        return pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()])
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    header, *cells = sheet(path)
    return pd.DataFrame(cells, columns=header)


KINDS = ["csv", "jsonl", "parquet", "xlsx"]


def test_a_row_has_the_promised_columns_in_their_order():
    assert COLUMNS == (
        "time_s", "frame", "face", "x", "y", "w", "h", "label", "confidence",
        "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral",
    )  # fmt: skip
    (row, _) = frame_rows(next(stream(1)))
    assert tuple(row) == COLUMNS
    assert (row["face"], row["label"], row["happy"], row["x"]) == (7, "happy", 0.6, 1.2)


def test_a_row_says_unsure_as_the_screen_does():
    (reading,) = frame(1).readings
    unsure = replace(reading, answers={"fer7": replace(reading.answer, unsure_below=0.9)})
    (row,) = frame_rows(replace(frame(0), readings=(unsure,)))
    assert (row["label"], row["confidence"]) == ("unsure", 0.6)


def test_columns_that_not_every_stream_has():
    (reading,) = frame(1).readings
    eight = Answer(dict.fromkeys(FERPLUS8.labels, 0.1) | {"contempt": 0.3})
    face = replace(reading.face, blendshapes={"jawOpen": 0.25})
    raw = {"fer7": Answer(dict.fromkeys(FER7.labels, 1 / 7))}
    rich = Reading(face, {**reading.answers, "ferplus8": eight}, number=3, raw=raw)
    columns = (*COLUMNS, *RAW_COLUMNS, "contempt", "event", "jawOpen")
    (row,) = frame_rows(replace(frame(0), readings=(rich,)), columns, event="film begins")
    assert tuple(row) == columns
    assert (row["raw_sad"], row["contempt"], row["event"], row["jawOpen"]) == (0.1429, 0.3, "film begins", 0.25)
    (poor,) = frame_rows(frame(1), columns)
    assert (poor["raw_sad"], poor["contempt"], poor["event"], poor["jawOpen"]) == (None, None, None, None)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_holds_the_same(kind, tmp_path):
    path = tmp_path / f"faces.{kind}"
    with open_sink(path, (*COLUMNS, *RAW_COLUMNS)) as sink:
        for each in stream(30):
            sink.write(each)
        sink.write(Frame(640, 480, (), index=30, time_s=1.2))
    table = read_table(path)
    assert list(table.columns) == [*COLUMNS, *RAW_COLUMNS]
    assert table["frame"].tolist() == [index for index in range(30) for _ in range(2)]
    assert table["face"].tolist() == [7, 8] * 30
    assert table["time_s"].tolist() == pytest.approx([index / 25 for index in range(30) for _ in range(2)])
    assert set(table["label"]) == {"happy"}
    assert table["raw_happy"].tolist() == [0.6] * 60
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / f"again.{kind}").write_bytes(encode(table.to_dict("records"), list(table.columns), kind))
    pd.testing.assert_frame_equal(read_table(tmp_path / f"again.{kind}"), table)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_without_faces_is_an_empty_table(kind, tmp_path):
    path = tmp_path / f"none.{kind}"
    with open_sink(path) as sink:
        sink.write(Frame(640, 480, ()))
    assert path.exists()
    if kind != "jsonl":
        assert list(read_table(path).columns) == list(COLUMNS)
    assert encode([], COLUMNS, kind) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_faces_with_names(kind, tmp_path):
    named = [row | {"face": "=Ann, the 1st"} for each in stream(2, faces=1) for row in frame_rows(each)]
    path = tmp_path / f"named.{kind}"
    path.write_bytes(encode(named, COLUMNS, kind))
    assert set(read_table(path)["face"]) == {"=Ann, the 1st"}


def test_what_was_written_is_kept_when_the_block_fails(tmp_path):
    def fail(path):
        with open_sink(path) as sink:
            sink.write(next(stream(1)))
            raise ZeroDivisionError

    for kind in KINDS:
        with pytest.raises(ZeroDivisionError):
            fail(tmp_path / f"kept.{kind}")
        assert len(read_table(tmp_path / f"kept.{kind}")) == 2


def test_an_unknown_name_is_one_sentence_that_lists_the_known():
    with pytest.raises(SinkError, match=r"faces\.ods: the name must end in one of csv, jsonl, parquet, xlsx"):
        open_sink("faces.ods")


@pytest.mark.parametrize("kind", KINDS)
def test_a_place_that_cannot_be_written_is_one_sentence(kind, tmp_path):
    with pytest.raises(SinkError, match="cannot be written"), open_sink(tmp_path / "nowhere" / f"a.{kind}"):
        pass


KILLED = """
import contextlib, sys, time
sys.path[:0] = {paths!r}
from test_sinks import stream
from core.output.sinks import open_sink
with contextlib.ExitStack() as stack:
    sinks = [stack.enter_context(open_sink(path)) for path in sys.argv[1:]]
    for each in stream(2600):
        for sink in sinks:
            sink.write(each)
    print("written", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A folder with a table of each kind, of a process that wrote 5,200 rows and was killed before it could finish."""
    folder = tmp_path_factory.mktemp("killed")
    code = KILLED.format(paths=[str(Path(__file__).parent), str(Path.cwd())])
    command = [sys.executable, "-c", code, *(str(folder / f"killed.{kind}") for kind in KINDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "written\n"
        writer.send_signal(signal.SIGKILL)
    return folder


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_rows_are_on_the_disk_at_once(kind, killed):
    assert len(read_table(killed / f"killed.{kind}")) == 5200


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_a_killed_run_loses_only_the_unfinished_part(kind, killed):
    path = killed / f"killed.{kind}"
    assert not path.exists()
    with pytest.raises(SinkError, match=f"core recover .*killed.{kind}"), open_sink(path):
        pass
    run = CliRunner().invoke(app, ["recover", str(path)])
    assert (run.exit_code, run.stderr) == (0, "")
    assert "4,000 rows" in run.stdout
    assert read_table(path)["frame"].tolist() == [index for index in range(2000) for _ in range(2)]
    assert not list(killed.glob(f"*{kind}?*"))
    with pytest.raises(SinkError, match="nothing of an unfinished run"):
        merge(path)


@pytest.mark.parametrize("left", [(), ("000000.partial",)])
def test_a_run_that_was_killed_before_its_first_part_is_in_nobodys_way(left, tmp_path):
    """There is nothing to recover, so nothing is asked of the user."""
    (tmp_path / "t.parquet.parts").mkdir()
    for name in left:
        (tmp_path / "t.parquet.parts" / name).write_bytes(b"half")
    with open_sink(tmp_path / "t.parquet") as sink:
        sink.write(next(stream(1)))
    assert len(read_table(tmp_path / "t.parquet")) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_parts_are_written_at_least_every_ten_seconds(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(sinks.time, "monotonic", lambda: now[0])
    with open_sink(tmp_path / "slow.parquet") as sink:
        for each in stream(3):
            sink.write(each)
            now[0] += 6
        done = sorted((tmp_path / "slow.parquet.parts").glob("*.parquet"))
        assert [pq.read_metadata(part).num_rows for part in done] == [0, 6]


def test_more_rows_than_a_sheet_holds_become_parquet_and_the_error_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SHEET_ROWS", 100)
    with open_sink(tmp_path / "fits.xlsx") as sink:
        for each in stream(33, faces=3):
            sink.write(each)
    assert len(sheet(tmp_path / "fits.xlsx")) == 100

    def overfill():
        with open_sink(tmp_path / "much.xlsx") as sink:
            for each in stream(50):
                sink.write(each)

    with pytest.raises(SinkError, match=r"100 rows are more than the 100 .* Parquet; nothing is lost.*much\.parquet"):
        overfill()
    assert len(pd.read_parquet(tmp_path / "much.parquet")) == 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fits.xlsx", "much.parquet"]
    with pytest.raises(SinkError, match="choose Parquet"):
        encode([row for each in stream(50) for row in frame_rows(each)], COLUMNS, "xlsx")
