"""The kinds of work of a soak: each is a function that does it once, which a thread repeats until the end."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.environments import ROOT
from benchmarks.pictures import frames, write_clip
from benchmarks.soak.record import Recording
from benchmarks.soak.studio import PAGES, Studio
from core.errors import ImageError
from core.recognizer import Recognizer
from core.streams.session import Session, SessionOptions
from training.datasets.cartoon import write_sample
from webapp.ui.video.clip import Desk
from webapp.ui.video.job import ClipSettings
from webapp.ui.video.results import tables_of

FRAMES_A_SESSION = 200
PHOTOS_A_SECOND, FRAMES_A_SECOND = 2.0, 10.0

Step = Callable[[], None]


class Worker(threading.Thread):
    """Thread that repeats a step until the soak is over.

    Args:
        step: Function that does the work once.
        over: Event that ends the thread.
        times_a_second: Largest number of steps a second.
    """

    def __init__(self, step: Step, over: threading.Event, times_a_second: float = float("inf")) -> None:
        super().__init__(daemon=True)
        self._step, self._over, self._pause = step, over, 1 / times_a_second

    def run(self) -> None:
        """Repeat the step."""
        while not self._over.is_set():
            self._step()
            self._over.wait(self._pause)


def photos(recognizer: Recognizer, record: Recording) -> Step:
    """Read a photo: JPEG, PNG or WebP, with a face or without, and one in ten damaged, which must be refused."""
    pictures = [frames(1)[0], np.full((300, 400, 3), 120, np.uint8), frames(4)[1]]
    encoded = [_encoded(picture, name) for picture in pictures for name in ("JPEG", "PNG", "WEBP")]
    turns = itertools.cycle([*encoded, encoded[0][: len(encoded[0]) // 2]])

    def step() -> None:
        with record.timed("photo"):
            content = next(turns)
            try:
                recognizer.read(content)
            except ImageError:
                if content in encoded:
                    raise

    return step


def live(recognizer: Recognizer, record: Recording, mesh: bool, stack: ExitStack) -> Step:
    """Read the next frame of a stream, with a new viewer after every `FRAMES_A_SESSION` frames.

    Args:
        recognizer: Recognizer that all streams share.
        record: Recording to add to.
        mesh: Whether the stream asks for the face mesh.
        stack: Stack that ends the last viewer's session.
    """
    kind = "live frame, mesh" if mesh else "live frame"
    film = frames(20)
    numbers = itertools.count()
    viewer = stack.enter_context(ExitStack())
    session: Session | None = None

    def step() -> None:
        nonlocal session
        number = next(numbers)
        with record.timed(kind):
            if number % FRAMES_A_SESSION == 0:
                viewer.close()
                session = viewer.enter_context(Session(recognizer, SessionOptions(mesh=mesh)))
            session.read(film[number % len(film)], number / FRAMES_A_SECOND)

    return step


def pages(studio: Studio, record: Recording) -> Step:
    """Open the next page of the studio as a new visitor."""
    turns = itertools.cycle(PAGES)

    def step() -> None:
        with record.timed("page"):
            studio.visit(next(turns))

    return step


def videos(folder: Path, record: Recording) -> Step:
    """Run `python -m core video` on a clip of twenty seconds, half of them with a face."""
    clip = folder / "clip.mp4"
    write_clip(clip, minutes=1 / 3, rate=15, size=(640, 480))
    command = ["-m", "core", "video", str(clip), "--out", str(folder / "faces.parquet")]
    return lambda: _command(record, "video job", command)


def queue(recognizer: Recognizer, folder: Path, record: Recording) -> Step:
    """Read two clips of five seconds one after the other, as the Video page does, and a third that is no clip.

    Args:
        recognizer: Recognizer that the page shares with all visitors.
        folder: Folder for the clip.
        record: Recording to add to.
    """
    clip = folder / "short.mp4"
    write_clip(clip, minutes=1 / 12, rate=15, size=(640, 480))
    content = clip.read_bytes()

    def step() -> None:
        desk = Desk()
        try:
            with record.timed("two clips in a queue"):
                uploads = [_Upload("one.mp4", content), _Upload("two.mp4", content), _Upload("three.mp4", b"no clip")]
                desk.take(uploads, most=4)
                if len(desk.jobs) != 2 or len(desk.problems) != 1:
                    raise RuntimeError(f"taken: {len(desk.jobs)}, refused: {desk.problems}")
                for job, before in zip(desk.jobs, [None, *desk.jobs], strict=False):
                    job.start(recognizer, ClipSettings(), before)
                while any(job.progress is not None for job in desk.jobs):
                    time.sleep(0.1)
                if errors := [job.error for job in desk.jobs if job.error]:
                    raise RuntimeError(errors[0])
                tables_of(desk.jobs)
        finally:
            desk.clear()

    return step


class _Upload:
    """What the page's uploader gives: a file in memory with a name."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self._content = name, content

    def getbuffer(self) -> memoryview:
        return memoryview(self._content)


def trainings(folder: Path, record: Recording) -> Step:
    """Run `python -m training train` for two epochs on a small dataset."""
    sample = folder / "sample.parquet"
    write_sample(sample, 350)
    numbers = itertools.count()

    def step() -> None:
        number = next(numbers)
        run = ["--run", str(folder / f"run-{number}"), "--name", f"soak-{number}", "--fit-only", "--set", "epochs=2"]
        _command(record, "training run", ["-m", "training", "train", "quick", "--data", str(sample), *run], folder)

    return step


@contextmanager
def working(workers: list[Worker], over: threading.Event) -> Iterator[None]:
    """Run the workers inside the block; at its end each finishes its step."""
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        over.set()
        for worker in workers:
            worker.join()


def _command(record: Recording, kind: str, command: list[str], home: Path | None = None) -> None:
    settings = (
        {"MLFLOW_TRACKING_URI": f"sqlite:///{home / 'mlflow.db'}", "MIEN_MODELS": str(home / "models")} if home else {}
    )
    with record.timed(kind):
        ended = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise RuntimeError(
                ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else "it ended without a message"
            )


def _encoded(picture: np.ndarray, name: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, name)
    return stream.getvalue()
