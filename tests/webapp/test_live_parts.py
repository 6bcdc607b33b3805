"""The parts of the live page that need no page: slots, recording, history, diagnosis, chart."""

import io
from functools import partial

import numpy as np
import pandas as pd
import pytest

from core.labels import FER7
from core.output import table as rows
from core.readings import Answer, Face, FaceQuality, Frame, Reading
from webapp.charts import live
from webapp.ui.live import recording as live_recording
from webapp.ui.live import status
from webapp.ui.live.history import History, Meter
from webapp.ui.live.recording import Recording
from webapp.ui.live.slots import EXPIRES_S, Slots
from webapp.ui.live.stream import LiveStream


def reading(number=1, label="happy", raw="sad"):
    quality = FaceQuality(inside=1, pixels=50, turn=0, roll=0, sharpness=1, light=0.5)
    face = Face((10.0, 20.0, 30.0, 40.0), 0.9, ((15, 30), (30, 30)), (22, 50), quality, np.zeros((48, 48, 3), np.uint8))
    return Reading(face, {"fer7": answer(label)}, number, {"fer7": answer(raw)})


def answer(label):
    return Answer({name: 0.94 if name == label else 0.01 for name in FER7.labels})


def frame(time_s=0.0, *readings, index=0):
    return Frame(640, 480, readings, index, time_s)


class Clock:
    def __init__(self):
        self.time_s = 0.0

    def __call__(self):
        return self.time_s


class TestSlots:
    def test_one_too_many_waits_until_one_ends(self):
        slots, first, second, third = Slots(), LiveStream(), LiveStream(), LiveStream()
        assert slots.take(first, 2)
        assert slots.take(second, 2)
        assert slots.take(first, 2)
        assert not slots.take(third, 2)
        assert not slots.has_room(third, 2)
        slots.release(first)
        assert slots.take(third, 2)

    def test_a_browser_that_disappears_frees_its_slot(self):
        clock = Clock()
        slots, gone, alive, waiting = Slots(clock), LiveStream(), LiveStream(), LiveStream()
        assert slots.take(gone, 2)
        assert slots.take(alive, 2)
        clock.time_s = EXPIRES_S
        slots.keep(alive)
        assert not slots.take(waiting, 2)
        clock.time_s = EXPIRES_S + 1
        assert slots.take(waiting, 2)
        assert not slots.take(gone, 2)

    def test_a_viewer_that_is_forgotten_holds_no_slot(self):
        slots = Slots()
        assert slots.take(LiveStream(), 1)
        assert slots.take(LiveStream(), 1)


COLUMNS = (*rows.COLUMNS, *rows.RAW_COLUMNS, "event")


class TestRecording:
    @pytest.fixture
    def recorded(self):
        recording = Recording()
        recording.add(frame(0.0, reading()))
        recording.start(COLUMNS)
        recording.add(frame(0.5, reading(1), reading(2, "surprise"), index=7))
        recording.mark("film; begins")
        recording.mark("laughter")
        recording.add(frame(0.6, index=8))
        recording.add(frame(0.7, reading(2), index=9))
        recording.stop()
        recording.add(frame(0.8, reading()))
        return recording

    def test_a_row_for_each_face_and_frame_between_start_and_stop(self, recorded):
        table = pd.DataFrame(recorded.rows())
        assert tuple(table.columns) == COLUMNS
        assert table[["time_s", "frame", "face"]].to_numpy().tolist() == [[0.5, 7, 1], [0.5, 7, 2], [0.7, 9, 2]]
        assert table[["x", "y", "w", "h"]].to_numpy()[0].tolist() == [10, 20, 30, 40]
        assert table["label"].tolist() == ["happy", "surprise", "happy"]
        assert table["confidence"].tolist() == [0.94] * 3
        assert (table["raw_sad"] == 0.94).all()

    def test_an_event_waits_for_the_next_row(self, recorded):
        assert [row["event"] for row in recorded.rows()] == [None, None, "film; begins; laughter"]

    def test_all_files_hold_the_same(self, recorded):
        expected = pd.DataFrame(recorded.rows())
        same = partial(pd.testing.assert_frame_equal, right=expected, check_dtype=False)
        same(pd.read_csv(io.BytesIO(recorded.file("csv"))))
        same(pd.read_parquet(io.BytesIO(recorded.file("parquet"))))
        same(pd.read_json(io.BytesIO(recorded.file("jsonl")), lines=True))

    def test_no_rows_are_an_empty_table(self):
        assert len(Recording().file("csv").splitlines()) == 1
        assert Recording().file("jsonl") == b""

    def test_it_ends_when_it_is_full(self, monkeypatch):
        monkeypatch.setattr(live_recording, "MAX_ROWS", 3)
        recording = Recording()
        recording.start(COLUMNS)
        for _ in range(5):
            recording.add(frame(0.0, reading()))
        assert len(recording) == 3
        assert not recording.running

    def test_starting_anew_and_deleting_forget(self, recorded):
        recorded.start(COLUMNS)
        assert len(recorded) == 0
        recorded.add(frame(0.0, reading()))
        recorded.clear()
        assert len(recorded) == 0
        assert not recorded.running


class TestHistory:
    def test_it_keeps_a_minute_and_a_few_samples_a_second(self):
        history = History()
        for index in range(90 * 30):
            history.add(frame(index / 30, reading()))
        samples = history.samples()
        assert 280 <= len(samples) <= 302
        assert samples[-1].time_s - samples[0].time_s <= 60

    def test_pace(self):
        meter = Meter()
        assert meter.pace() is None
        for index in range(200):
            meter.add(index / 10, index / 10 + (0.050 if index % 5 == 0 else 0.010))
        pace = meter.pace()
        assert pace.frames_a_second == pytest.approx(10)
        assert pace.median_ms == pytest.approx(10)
        assert pace.p95_ms == pytest.approx(50)


class TestChart:
    def test_a_face_that_was_away_leaves_a_gap(self):
        history = History()
        for index in range(100):
            time_s = index * 0.25
            history.add(frame(time_s, *([] if 5 < time_s < 10 else [reading(3)])))
        figure = live.last_minute(history.samples(), 3)
        assert len(figure.data) == len(FER7.labels)
        happy = next(trace for trace in figure.data if trace.name == "happy")
        assert max(happy.x) == 0
        gap = [share for time_s, share in zip(happy.x, happy.y, strict=True) if -19.8 < time_s < -14.7]
        assert gap == [0.94, 0, 0, 0.94]

    def test_nothing_yet(self):
        assert live.last_minute([], 1).data[0].x == ()


WELL = {"secure": True, "signalling": False, "playing": False, "route": "local"}


class TestTrouble:
    def test_ten_seconds_of_patience(self):
        assert status.diagnose(9.9, **WELL | {"signalling": True}) is None
        assert status.diagnose(10.0, **WELL | {"signalling": True})

    def test_an_insecure_address_is_said_at_once(self):
        assert "https" in status.diagnose(0, **WELL | {"secure": False})

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            ({}, "permission"),
            ({"signalling": True, "route": "direct"}, "no TURN server"),
            ({"signalling": True, "route": "relayed"}, "unreachable"),
            ({"signalling": True}, "one machine"),
            ({"playing": True}, "no picture comes"),
        ],
    )
    def test_what_is_likely_wrong(self, state, said):
        assert said in status.diagnose(11, **WELL | state)
