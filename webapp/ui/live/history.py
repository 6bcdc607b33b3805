"""The recent past of a stream: its expressions for the chart, and its pace."""

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from core.readings import Frame
from webapp.charts.timelines import CHART_S, Sample

_SAMPLE_S = 0.2  # 300 points look like 1,800 in the chart, for a sixth of the cost
_PACE_S = 5.0


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
