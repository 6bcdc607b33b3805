"""The callback that every frame goes through: it never raises, and it leaves nothing behind."""

import io
import threading
from fractions import Fraction

import av
import numpy as np
import pandas as pd
import pytest

from core.errors import AssetError
from core.output.table import COLUMNS
from core.readings import Face, FaceQuality, Frame, Reading
from core.streams.session import SessionOptions
from webapp.ui.live import stream as stream_module
from webapp.ui.live.stream import LiveStream


class FakeSession:
    """Sees what it is told to see, and keeps what it was given."""

    open = 0

    def __init__(self, recognizer, options=None):
        self.recognizer, self.options = recognizer, options
        self.times, self.sizes, self.baselines = [], [], {}
        FakeSession.open += 1

    def use(self, recognizer):
        self.recognizer = recognizer

    def read(self, picture, time_s):
        if isinstance(self.recognizer, Exception):
            raise self.recognizer
        assert picture.flags.c_contiguous
        self.times.append(time_s)
        self.sizes.append(picture.shape)
        self.mean = picture[:, : picture.shape[1] // 2].mean()
        return Frame(picture.shape[1], picture.shape[0], (), len(self.times) - 1, time_s)

    def start_baseline(self, number):
        self.baselines[number] = 0.0

    def forget_baseline(self, number):
        del self.baselines[number]

    def baseline(self, number):
        return self.baselines.get(number)

    def at_rest(self):
        return tuple(number for number, share in self.baselines.items() if share == 1)

    def close(self):
        FakeSession.open -= 1


@pytest.fixture
def stream(monkeypatch):
    monkeypatch.setattr(stream_module, "Session", FakeSession)
    monkeypatch.setattr(FakeSession, "open", 0)
    stream = LiveStream()
    stream.recognizer = "quick"
    return stream


def picture(width=64, height=48, grey=0, pts=0):
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), grey, np.uint8), format="rgb24")
    frame.pts, frame.time_base = pts, Fraction(1, 90_000)
    return frame


def test_a_black_picture_is_no_face_and_no_failure(stream):
    sent = stream.read(picture())
    assert (sent.width, sent.height) == (64, 48)
    assert stream.frame.readings == ()
    assert stream.failures == 0


def test_a_failure_sends_the_picture_back_untouched_and_is_counted(stream, caplog):
    stream.recognizer = RuntimeError("broken")
    came = picture(grey=90)
    assert stream.read(came) is came
    assert stream.read(came) is came
    assert stream.failures == 2
    assert "a fault" in stream.failure
    assert len(caplog.records) == 1


def test_what_the_user_can_mend_is_said(stream):
    stream.recognizer = AssetError("the mesh is missing: fetch it.")
    stream.read(picture())
    assert stream.failure == "the mesh is missing: fetch it."


def test_it_goes_on_after_a_failure(stream):
    stream.recognizer = RuntimeError("broken")
    stream.read(picture())
    stream.recognizer = "quick"
    came = picture()
    assert stream.read(came) is not came
    assert stream.failures == 1


def test_a_failing_listener_harms_nobody(monkeypatch):
    def fail(stream):
        raise RuntimeError("broken")

    stream, came = LiveStream(on_frame=fail), picture()
    assert stream.read(came) is came


def test_pictures_that_change_size(stream):
    sizes = [(64, 48), (48, 64), (640, 480), (2, 2), (65, 49)]
    assert [(f.width, f.height) for f in (stream.read(picture(*size)) for size in sizes)] == sizes
    assert stream.failures == 0


def test_time_goes_on_where_time_stamps_go_back_or_are_missing(stream):
    for pts in (9000, 3000, None, 0, 2**40):
        stream.read(picture(pts=pts))
    times = stream._session.times
    assert times == sorted(set(times))
    assert times[0] == 0


def test_the_mirror(stream):
    halves = np.zeros((48, 64, 3), np.uint8)
    halves[:, :32] = 200
    frame = av.VideoFrame.from_ndarray(halves, format="rgb24")
    stream.read(frame)
    assert stream._session.mean < 20
    stream.mirror = False
    stream.read(frame)
    assert stream._session.mean > 180


def test_another_model_goes_on_in_the_same_session(stream):
    stream.read(picture())
    session = stream._session
    stream.recognizer = "larger"
    stream.read(picture())
    assert stream._session is session
    assert session.recognizer == "larger"


def test_the_end_frees_the_session_and_keeps_the_recording(stream, recognizer):
    stream.recognizer = recognizer
    stream.recording.start(COLUMNS)
    stream.read(picture())
    stream.end()
    stream.end()
    assert FakeSession.open == 0
    assert stream.frame is None
    assert stream.meter.pace() is None
    assert not stream.recording.running


def test_fifty_streams_leave_no_session_and_no_thread(stream):
    threads = threading.active_count()
    for _ in range(50):
        stream.read(picture())
        stream.end()
    assert FakeSession.open == 0
    assert threading.active_count() == threads


def test_baselines_go_to_the_session(stream):
    assert stream.baseline(1) is None
    stream.start_baseline(1)
    stream.read(picture())
    stream.start_baseline(1)
    assert stream.baseline(1) == 0.0
    stream.forget_baseline(1)
    assert stream.baseline(1) is None


def test_the_mesh_is_drawn_where_there_is_one():
    quality = FaceQuality(inside=1, pixels=20, turn=0, roll=0, sharpness=1, light=0.5)
    mesh = np.array([[3, 2, 0], [-5, 2, 0], [64, 47, 0]], np.float32)
    face = Face((0, 0, 9, 9), 0.9, ((1, 1), (2, 1)), (1, 2), quality, np.zeros((48, 48, 3), np.uint8), mesh)
    black = np.zeros((48, 64, 3), np.uint8)
    dotted = stream_module.draw_mesh(black, Frame(64, 48, (Reading(face, {}),)))
    assert np.argwhere(dotted.any(axis=2)).tolist() == [[2, 3]]
    assert not black.any()
    assert stream_module.draw_mesh(black, Frame(64, 48, ())) is black


def test_a_recording_says_what_read_it_and_what_changed_meanwhile(stream, recognizer):
    stream.recognizer = recognizer
    stream.recording.start(COLUMNS)
    stream.read(picture())
    stream.options = SessionOptions(smoothing_s=2.0, flat_prior=True)
    stream.read(picture())
    stream.start_baseline(3)
    stream._session.baselines[3] = 1.0
    stream.read(picture())
    stream.end()
    made_by = stream.recording.made_by
    assert (made_by.model, made_by.smoothing_s, made_by.baseline) == ("m", 0.4, None)
    (settings, baseline) = made_by.changes
    assert (settings["smoothing_s"], settings["prior"]) == (2.0, "all equal")
    assert "face 3" in baseline["baseline"]
    assert pd.read_parquet(io.BytesIO(stream.recording.file("parquet"))).attrs["mien"] == made_by.facts()
