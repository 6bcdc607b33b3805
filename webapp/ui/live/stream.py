"""One viewer's live stream: the callback that reads every frame, and what the page shows of it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import av
import cv2
import numpy as np

from core.corrections import Baseline
from core.errors import MienError
from core.output.draw import annotate
from core.output.provenance import Provenance
from core.readings import Frame
from core.recognizer import Recognizer
from core.streams.session import Session, SessionOptions
from webapp.charts.timelines import CHART_S, Sample
from webapp.ui.live.recording import Recording

_MESH_COLOUR = (120, 230, 255)
_SAMPLE_S = 0.2  # 300 points look like 1,800 in the chart, for a sixth of the cost
_PACE_S = 5.0

_LOG = logging.getLogger(__name__)


class History:
    """The last minute of expressions, sampled a few times a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: deque[Sample] = deque()

    def add(self, frame: Frame) -> None:
        """Keep a frame's probabilities, if it is time for a sample."""
        with self._lock:
            samples = self._samples
            if samples and frame.time_s - samples[-1].time_s < _SAMPLE_S:
                return
            samples.append(Sample(frame.time_s, {r.number: dict(r.probabilities) for r in frame.readings}))
            while samples[0].time_s < frame.time_s - CHART_S:
                samples.popleft()

    def samples(self) -> list[Sample]:
        """Return the samples of the last minute, oldest first."""
        with self._lock:
            return list(self._samples)


@dataclass(frozen=True)
class Pace:
    """Frames a second, and the milliseconds that reading one takes."""

    frames_a_second: float
    median_ms: float
    p95_ms: float


class Meter:
    """Measures the pace of the last five seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: deque[tuple[float, float]] = deque()

    def add(self, begin_s: float, end_s: float) -> None:
        """Note that a frame was read between two moments, in seconds."""
        with self._lock:
            self._frames.append((begin_s, end_s))
            while self._frames[0][0] < begin_s - _PACE_S:
                self._frames.popleft()

    def pace(self) -> Pace | None:
        """Return the pace; None until there are two frames."""
        with self._lock:
            frames = np.array(self._frames)
        if len(frames) < 2:
            return None
        median, p95 = np.percentile((frames[:, 1] - frames[:, 0]) * 1e3, [50, 95])
        return Pace((len(frames) - 1) / max(frames[-1, 0] - frames[0, 0], 1e-6), median, p95)


def draw_mesh(picture: np.ndarray, frame: Frame) -> np.ndarray:
    """Draw a dot on every point of every face mesh; returns the picture itself if there is no mesh.

    Args:
        picture: uint8 RGB (height, width, 3); it is not changed.
        frame: The readings of the picture.
    """
    meshes = [reading.face.mesh for reading in frame.readings if reading.face.mesh is not None]
    if not meshes:
        return picture
    dotted = picture.copy()
    x, y = np.round(np.concatenate(meshes)[:, :2]).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < frame.width) & (y < frame.height)
    dotted[y[inside], x[inside]] = _MESH_COLOUR
    return dotted


def _made_by(session: Session, recognizer: Recognizer, options: SessionOptions) -> Provenance:
    numbers = session.at_rest()
    return Provenance.of(
        recognizer.card,
        "quick",
        flat_prior=options.flat_prior,
        smoothing_s=options.smoothing_s,
        baseline=f"of face {' and '.join(map(str, numbers))}, taken in the stream" if numbers else None,
    )


class LiveStream:
    """Reads a stream's frames in a thread of streamlit-webrtc, while the page's thread shows the results.

    The page may set `recognizer`, `options` and `mirror`; they take effect at the next frame.

    Args:
        on_frame: Called with the stream for each frame.
        on_end: Called with the stream when it has ended.
        now: The clock, in seconds.

    Attributes:
        frame: The last frame that was read; None before the first and after the end.
        failures: Number of frames that could not be read since the stream began.
        failure: Why the last of them could not be read, in a sentence.
    """

    def __init__(
        self,
        on_frame: Callable[["LiveStream"], None] = lambda _: None,
        on_end: Callable[["LiveStream"], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ):
        self.recognizer: Recognizer | None = None
        self.options = SessionOptions()
        self.mirror = True
        self.recording = Recording()
        self._on_frame, self._on_end, self._now = on_frame, on_end, now
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._clear()

    def _clear(self) -> None:
        self.frame: Frame | None = None
        self.failures = 0
        self.failure = ""
        self.history, self.meter = History(), Meter()
        self._began_s: float | None = None

    def read(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Return the frame with its faces marked, or the frame as it came if reading fails. Never raises."""
        begin_s = self._now()
        try:
            self._on_frame(self)
            return self._read(frame, begin_s)
        except Exception as error:
            self._count(error)
            return frame
        finally:
            self.meter.add(begin_s, self._now())

    def end(self) -> None:
        """Free what the stream held; the recording stays."""
        with self._lock:
            self._close()
            self._clear()
        self.recording.stop()
        self._on_end(self)

    def start_baseline(self, number: int) -> None:
        """Take a face's next three seconds as its neutral expression."""
        if session := self._session:
            session.start_baseline(number)

    def forget_baseline(self, number: int) -> None:
        """Read a face without its baseline again."""
        if session := self._session:
            session.forget_baseline(number)

    def baseline(self, number: int) -> float | None:
        """Return the share of a face's baseline that is taken, 0 to 1; None if none was asked for."""
        session = self._session
        return session.baseline(number) if session else None

    def baseline_of(self, number: int) -> Baseline | None:
        """Return the baseline of a face; None while there is no complete one."""
        session = self._session
        return session.baseline_of(number) if session else None

    def _read(self, frame: av.VideoFrame, begin_s: float) -> av.VideoFrame:
        picture = frame.to_ndarray(format="rgb24")
        if self.mirror:
            picture = cv2.flip(picture, 1)  # faster than a reversed copy by NumPy
        with self._lock:
            session = self._session = self._session or Session(self.recognizer, self.options)
            session.use(self.recognizer)
            session.options = self.options
            # The time of arrival, because a browser may set back or leave out the frame's own time stamp.
            self._began_s = begin_s if self._began_s is None else self._began_s
            seen = session.read(picture, begin_s - self._began_s)
            self.frame = seen
        self.history.add(seen)
        if self.recording.running:
            self.recording.add(seen, _made_by(session, self.recognizer, self.options))
        return av.VideoFrame.from_ndarray(annotate(draw_mesh(picture, seen), seen), format="rgb24")

    def _close(self) -> None:
        if self._session:
            self._session.close()
        self._session = None

    def _count(self, error: Exception) -> None:
        if not self.failures:
            _LOG.exception("A live frame could not be read; later ones that fail are only counted")
        self.failures += 1
        self.failure = str(error) if isinstance(error, MienError) else "This is a fault in the program."
