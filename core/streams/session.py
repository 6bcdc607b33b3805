"""Session: the pictures of one stream, a camera or a video, read in the order of time."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..corrections import Baseline, with_flat_prior
from ..faces import tiles
from ..faces.finder import Search
from ..faces.landmarker import MeshFinder
from ..faces.pyramid import Pyramid
from ..readings import Answer, Face, Frame, Reading
from ..recognizer import Recognizer
from .baselines import Baselines
from .smoothing import Smoother
from .tracking import Tracker

SEARCH_EVERY_S = 0.09
"""Least time between two searches for new faces while others are followed, in seconds: a search takes at
least as long as following a face does."""


@dataclass(frozen=True)
class SessionOptions:
    """What a viewer can change while the stream runs.

    Attributes:
        smoothing_s: Time constant of the smoothed probabilities, in seconds; 0 smooths nothing.
        every_s: Least time between two readings of the expressions, in seconds; 0 reads every picture. Faces are
            followed in between.
        flat_prior: Whether to count every expression as equally common, instead of as common as in the training set.
        mesh: Whether to find the points of each face too, its head pose, and the 52 blendshapes where they can be had.
    """

    smoothing_s: float = 0.4
    every_s: float = 0.0
    flat_prior: bool = False
    mesh: bool = False


class Session:
    """Reads the pictures of one stream, in the order of time: faces keep their numbers, answers are smoothed.

    A context manager. One thread reads; options and baselines may be changed from another.

    Args:
        recognizer: The recognizer to read with; it may serve other sessions at the same time. Its baseline, where it
            has one, is taken off every face that has none of its own in this stream.
        options: Options to begin with; assign others to the attribute `options` at any moment.
        search: "quick" follows faces and searches for new ones a little at a time, for live pictures; "thorough"
            searches each picture as if it stood alone; "crop" takes each picture for one face.

    Raises:
        AssetError: The mesh is asked for and its model file cannot be had.

    Examples:
        >>> with Session(Recognizer()) as session:  # doctest: +SKIP
        ...     session.read(picture, time_s=0.0).readings[0].label
        'happy'
    """

    def __init__(self, recognizer: Recognizer, options: SessionOptions | None = None, search: Search = "quick") -> None:
        self.options = options or SessionOptions()
        self._recognizer = recognizer
        self._search = search
        self._tracker = Tracker()
        self._begin_answers()
        self._mesh: MeshFinder | None = None
        self._frames = itertools.count()
        self._windows: list[np.ndarray] = []  # still to be searched in this round, in quick search
        self._searched_s = -np.inf
        self._lock = threading.Lock()
        self._clock = _RisingClock()

    def _begin_answers(self) -> None:
        self._smoother = Smoother()
        self._baselines = Baselines(self._recognizer.card)
        self._last_answers: dict[int, dict[str, Answer]] = {}
        self._last_read_s = -np.inf

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Free what the stream held."""
        with self._lock:
            self._mesh = None

    def use(self, recognizer: Recognizer) -> None:
        """Read with another recognizer from now on: faces keep their numbers, smoothing and baselines start over."""
        with self._lock:
            if recognizer is not self._recognizer:
                self._recognizer = recognizer
                self._begin_answers()

    def read(self, picture: np.ndarray, time_s: float) -> Frame:
        """The readings of the next picture.

        Args:
            picture: Uint8 RGB (height, width, 3).
            time_s: Time of the picture on the stream's clock, in seconds. Where that clock is set back, no time has
                passed, and it goes on from there.
        """
        with self._lock:
            options = self.options
            pyramid = Pyramid(picture)
            now_s = self._clock.advance(time_s)
            faces = self._find(pyramid, now_s)
            numbers = self._tracker.update(now_s, faces)
            if options.mesh:
                self._mesh = self._mesh or MeshFinder()
                faces = self._mesh.add_to(faces, pyramid)
            readings = tuple(self._answer(faces, numbers, now_s, options))
            return Frame(pyramid.width, pyramid.height, readings, index=next(self._frames), time_s=time_s)

    def start_baseline(self, number: int | None = None) -> None:
        """Take the next three seconds of a face, or with None of every visible face, as its neutral face."""
        with self._lock:
            self._baselines.start(number)

    def forget_baseline(self, number: int | None = None) -> None:
        """Drop the baseline of a face, or with None of every face."""
        with self._lock:
            self._baselines.forget(number)

    def baseline(self, number: int) -> float | None:
        """How much of a face's baseline was taken, 0 to 1; 1 when it is in use, None where none was asked for."""
        with self._lock:
            return self._baselines.progress(number)

    def baseline_of(self, number: int) -> Baseline | None:
        """The baseline of a face; None while there is no complete one."""
        with self._lock:
            return self._baselines.of(number)

    def at_rest(self) -> tuple[int, ...]:
        """The faces whose own baseline is in use, in the order of their numbers."""
        with self._lock:
            return self._baselines.complete()

    def _find(self, pyramid: Pyramid, now_s: float) -> list[Face]:
        if self._search != "quick":
            return self._recognizer.finder.find(pyramid, self._search)
        known = self._tracker.expected()
        return self._recognizer.finder.follow(pyramid, known, self._next_windows(pyramid, now_s, bool(known)))

    def _next_windows(self, pyramid: Pyramid, now_s: float, beside_faces: bool) -> list[np.ndarray]:
        """Where to search for new faces in a picture: a stream without a face has the time for more."""
        if beside_faces and now_s - self._searched_s < SEARCH_EVERY_S:
            return []
        self._searched_s = now_s
        count = 1 if beside_faces else 3
        if len(self._windows) < count:
            self._windows += tiles.stream_windows(pyramid)
        scan, self._windows = self._windows[:count], self._windows[count:]
        return scan

    def _answer(self, faces: Sequence[Face], numbers: Sequence[int], time_s: float, options: SessionOptions):
        due = time_s - self._last_read_s >= options.every_s or any(n not in self._last_answers for n in numbers)
        if due:
            self._last_read_s = time_s
            read = self._recognizer.answer(list(faces))
            self._last_answers = {n: dict(reading.answers) for n, reading in zip(numbers, read, strict=True)}
        for face, number in zip(faces, numbers, strict=True):
            raw = self._last_answers[number]
            if due:
                self._baselines.observe(number, time_s, raw)
            corrected = self._corrected(number, raw, options)
            smooth = self._smoother.update(number, time_s, corrected, options.smoothing_s)
            yield Reading(face, smooth, number=number, raw=raw)

    def _corrected(self, number: int, raw: Mapping[str, Answer], options: SessionOptions) -> Mapping[str, Answer]:
        baseline = self._baselines.of(number) or self._recognizer.baseline
        if baseline:  # which takes the prior off already
            return baseline.correct(raw)
        return with_flat_prior(raw, self._recognizer.card) if options.flat_prior else raw


class _RisingClock:
    """Turns the times of a clock that may be set back into times that never fall."""

    def __init__(self) -> None:
        self._last_s = -np.inf
        self._behind_s = 0.0

    def advance(self, time_s: float) -> float:
        """The time, in seconds, on a clock that goes on where the other one was set back."""
        if time_s < self._last_s:
            self._behind_s += self._last_s - time_s
        self._last_s = time_s
        return time_s + self._behind_s
