import io
from functools import partial

import pandas as pd
import pytest

from core.output import table
from core.readings import Frame
from webapp.ui.live import recording as recording_module
from webapp.ui.live.recording import Recording

COLUMNS = (*table.COLUMNS, *table.RAW_COLUMNS, "event")


def frame(time_s, *readings, index=0):
    return Frame(640, 480, readings, index, time_s)


@pytest.fixture
def recorded(reading):
    recording = Recording()
    recording.add(frame(0.0, reading("happy", 1, raw="sad")))
    recording.start(COLUMNS)
    recording.add(frame(0.5, reading("happy", 1, raw="sad"), reading("surprise", 2, raw="sad"), index=7))
    recording.mark("film; begins")
    recording.mark("laughter")
    recording.add(frame(0.6, index=8))
    recording.add(frame(0.7, reading("happy", 2, raw="sad"), index=9))
    recording.stop()
    recording.add(frame(0.8, reading("happy", 1, raw="sad")))
    return recording


def test_a_row_for_each_face_and_frame_between_start_and_stop(recorded):
    rows = pd.DataFrame(recorded.rows())
    assert tuple(rows.columns) == COLUMNS
    assert rows[["time_s", "frame", "face"]].to_numpy().tolist() == [[0.5, 7, 1], [0.5, 7, 2], [0.7, 9, 2]]
    assert rows[["x", "y", "w", "h"]].to_numpy()[0].tolist() == [0, 0, 60, 60]
    assert rows["label"].tolist() == ["happy", "surprise", "happy"]
    assert rows["confidence"].tolist() == [0.94] * 3
    assert (rows["raw_sad"] == 0.94).all()
    assert [row["event"] for row in recorded.rows()] == [None, None, "film; begins; laughter"]  # waits for a row


def test_marks_are_told_with_the_time_of_the_next_frame(recorded):
    assert recorded.marks() == [(0.6, "film; begins"), (0.6, "laughter")]
    recorded.start(COLUMNS)
    recorded.mark("waits for a frame")
    assert recorded.marks() == [(None, "waits for a frame")]
    recorded.add(frame(2.0))
    assert recorded.marks() == [(2.0, "waits for a frame")]


def test_the_times_of_all_frames_are_kept_so_that_gaps_can_be_seen(recorded):
    assert recorded.times_s().tolist() == [0.5, 0.6, 0.7]
    assert recorded.table()["time_s"].tolist() == [0.5, 0.5, 0.7]
    recorded.clear()
    assert len(recorded.times_s()) == len(recorded.table()) == 0


def test_all_files_hold_the_same(recorded):
    same = partial(pd.testing.assert_frame_equal, right=pd.DataFrame(recorded.rows()), check_dtype=False)
    same(pd.read_csv(io.BytesIO(recorded.file("csv"))))
    same(pd.read_parquet(io.BytesIO(recorded.file("parquet"))))
    same(pd.read_json(io.BytesIO(recorded.file("jsonl")), lines=True))


def test_no_rows_are_an_empty_table():
    assert len(Recording().file("csv").splitlines()) == 1
    assert Recording().file("jsonl") == b""


def test_it_ends_when_it_is_full(monkeypatch, reading):
    monkeypatch.setattr(recording_module, "MAX_ROWS", 3)
    recording = Recording()
    recording.start(COLUMNS)
    for _ in range(5):
        recording.add(frame(0.0, reading("happy", 1)))
    assert len(recording) == 3
    assert not recording.running


def test_a_new_start_and_deleting_drop_the_rows(recorded, reading):
    recorded.start(COLUMNS)
    assert len(recorded) == 0
    recorded.add(frame(0.0, reading("happy", 1)))
    recorded.clear()
    assert len(recorded) == 0
    assert not recorded.running
