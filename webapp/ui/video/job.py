"""A clip that is read in the background, in a private folder that is deleted together with the clip."""

import io
import itertools
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from PIL import Image

from core.cards import Card
from core.errors import MienError
from core.faces.finder import Search
from core.output.draw import annotate, cut_out
from core.output.provenance import Provenance
from core.output.sinks import open_sink
from core.output.table import columns_for
from core.readings import Frame, Reading
from core.recognizer import Recognizer
from core.streams.session import Session, SessionOptions
from core.video.clip import Clip, picture_at, probe
from core.video.writer import VideoWriter

_AT_ONCE = threading.BoundedSemaphore(max(1, (os.cpu_count() or 1) // 2))
"""Limits how many clips are read at the same time, of all visitors."""

_PORTRAIT_SIDE = 96

_LOG = logging.getLogger(__name__)

_RUNS = itertools.count()


@dataclass(frozen=True)
class ClipSettings:
    """How a clip is to be read.

    Attributes:
        every_n: Read every n-th picture.
        from_s: Start of the part that is read, in seconds.
        to_s: End of the part that is read, in seconds; None for the clip's end.
        search: How thoroughly faces are searched; see `core.faces.finder.Search`.
        smoothing_s: Time over which expressions are averaged, in seconds.
    """

    every_n: int = 1
    from_s: float = 0.0
    to_s: float | None = None
    search: Search = "quick"
    smoothing_s: float = SessionOptions.smoothing_s


@dataclass(frozen=True)
class ClipResult:
    """What was read from a clip.

    Attributes:
        table: A row for each face and frame, with the columns of `core.output.table`.
        times_s: float (N,): times of all pictures that were read, in seconds.
        portraits: JPEG of each face, by number.
        annotated: The video with its faces marked; its first picture is the first of `times_s`.
        problem: Where the file breaks off or is damaged; None if it is whole.
        card: Card of the model that read the clip.
        settings: The settings it was read with.
        made_by: Provenance of the readings, without the baselines that the viewer takes afterwards.
    """

    table: pd.DataFrame
    times_s: np.ndarray
    portraits: dict[int, bytes]
    annotated: Path
    problem: str | None
    card: Card
    settings: ClipSettings
    made_by: Provenance


class VideoJob:
    """One uploaded clip, until its folder is deleted.

    Attributes:
        name: Name of the uploaded file.
        folder: Folder of the clip and of everything made from it.
        info: Size, rate and length of the video.
        number: Number of the clip, for the keys of its widgets.
        progress: Share of the clip that is read, 0 to 1; None while nothing is being read.
        is_waiting: Whether the reading waits for that of another clip.
        read_s: Seconds of the clip that are read.
        left_s: Estimated seconds until the end; None while it is too early to tell.
        result: The readings; None before the end.
        error: Why the reading failed, in a sentence; None if it did not.
        names: The viewer's names for the faces, by number.
        neutral_s: Moment at which a face looks neutral, in seconds, by number.
        run: Number of the reading, for the keys of widgets that belong to it alone.

    Raises:
        VideoError: The file is not a video that can be read.
    """

    def __init__(self, name: str, data: bytes | memoryview) -> None:
        self.name = PurePath(name).name
        self._folder = TemporaryDirectory(prefix="mien-", ignore_cleanup_errors=True)  # with mode 0700
        self.folder = Path(self._folder.name)
        self._clip = self.folder / f"clip{PurePath(self.name).suffix.lower()}"
        try:
            self._clip.write_bytes(data)
            with _named(self._clip, self.name):
                self.info = probe(self._clip)
        except BaseException:
            self._folder.cleanup()
            raise
        self.number = next(_RUNS)
        self.progress: float | None = None
        self.is_waiting = False
        self.read_s = 0.0
        self.left_s: float | None = None
        self.result: ClipResult | None = None
        self.error: str | None = None
        self.names: dict[int, str] = {}
        self.neutral_s: dict[int, float] = {}
        self.run = next(_RUNS)
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, recognizer: Recognizer, settings: ClipSettings, after: "VideoJob | None" = None) -> None:
        """Start reading in the background; does nothing while a reading is under way.

        Args:
            recognizer: Reads the pictures.
            settings: How to read.
            after: Another clip whose reading, if one is under way, ends before this one begins.
        """
        if self.progress is not None:
            return
        self.is_waiting = True
        self.progress, self.read_s, self.left_s, self.error, self.result = 0.0, 0.0, None, None, None
        self._cancelled.clear()
        # A daemon, so that Ctrl-C stops the server without waiting for the clip.
        self._thread = threading.Thread(target=self._run, args=(recognizer, settings, after), name="video", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop reading and drop what was read; the clip stays."""
        self._cancelled.set()
        if self._thread:
            self._thread.join(timeout=10)

    def discard(self) -> None:
        """Drop the result, so that the clip can be read with other settings."""
        self.result, self.names, self.neutral_s, self.run = None, {}, {}, next(_RUNS)

    def close(self) -> None:
        """Stop reading and delete the folder."""
        self.cancel()
        self._folder.cleanup()

    def picture_at(self, time_s: float) -> np.ndarray | None:
        """Return the picture at a time in seconds, uint8 RGB (height, width, 3); None where there is none."""
        try:
            return picture_at(self._clip, max(time_s, 0.0))
        except MienError:  # the reading will say what is wrong with the clip, and where
            return None

    def _run(self, recognizer: Recognizer, settings: ClipSettings, after: "VideoJob | None") -> None:
        try:
            while after and after.progress is not None:
                if self._cancelled.wait(0.2):
                    return
            while not _AT_ONCE.acquire(timeout=0.2):
                if self._cancelled.is_set():
                    return
            self.is_waiting = False
            try:
                with _named(self._clip, self.name):
                    self.result = self._read(recognizer, settings)
            finally:
                _AT_ONCE.release()
        except MienError as error:
            self.error = str(error)
        except Exception:
            self.error = (
                "The clip could not be read to its end because of a fault in Mien; the server's log has the details."
            )
            _LOG.exception("A clip could not be read")
        finally:
            self.progress = None

    def _read(self, recognizer: Recognizer, settings: ClipSettings) -> ClipResult | None:
        clip = Clip(self._clip, settings.every_n, settings.from_s, settings.to_s)
        made_by = self._made_by(recognizer.card, settings)
        times, portraits, annotated = [], _Portraits(), self.folder / "annotated.mp4"
        began = time.monotonic()
        with (
            Session(recognizer, SessionOptions(smoothing_s=settings.smoothing_s), settings.search) as session,
            open_sink(self.folder / "faces.parquet", columns_for(recognizer.card, raw=True)) as sink,
            VideoWriter(annotated, clip.info.rate / settings.every_n, self._clip, made_by) as writer,
        ):
            for picture, frame in clip.read(session):
                if self._cancelled.is_set():
                    return None
                sink.write(frame)
                writer.write(annotate(picture, frame), frame.time_s)
                portraits.add(picture, frame)
                times.append(frame.time_s)
                self.read_s = frame.time_s - settings.from_s
                if clip.span_s:
                    done = min(max(self.read_s / clip.span_s, 0.0), 1.0)
                    took = time.monotonic() - began
                    self.progress, self.left_s = done, took / done - took if took > 1 and done else None
        told = "; ".join(filter(None, (clip.problem, writer.problem)))
        problem = told.replace(str(self._clip), self.name) or None
        table = pd.read_parquet(self.folder / "faces.parquet")
        return ClipResult(
            table, np.array(times), portraits.jpegs, annotated, problem, recognizer.card, settings, made_by
        )

    def _made_by(self, card: Card, settings: ClipSettings) -> Provenance:
        part = {"name": self.name, "every_n": settings.every_n, "from_s": settings.from_s, "to_s": settings.to_s}
        return Provenance.of(card, settings.search, smoothing_s=settings.smoothing_s, clip=part)


class _Portraits:
    """Keeps a picture of each face, from about the moment at which it was seen best."""

    def __init__(self) -> None:
        self.jpegs: dict[int, bytes] = {}
        self._quality: dict[int, float] = {}

    def add(self, picture: np.ndarray, frame: Frame) -> None:
        for reading in frame.readings:
            quality = _quality(reading)
            if quality > 1.2 * self._quality.get(reading.number, 0.0):
                self._quality[reading.number] = quality
                stream = io.BytesIO()
                Image.fromarray(cut_out(picture, reading.face, _PORTRAIT_SIDE)).save(stream, "JPEG", quality=85)
                self.jpegs[reading.number] = stream.getvalue()


def _quality(reading: Reading) -> float:
    seen = reading.face.quality
    return max(seen.pixels * seen.inside * (1 - 0.7 * min(seen.turn, 1)), 1e-6)


@contextmanager
def _named(path: Path, name: str) -> Iterator[None]:
    """Name the file in errors as the visitor knows it."""
    try:
        yield
    except MienError as error:
        raise type(error)(str(error).replace(str(path), name)) from None
