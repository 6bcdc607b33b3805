"""The webcam: each picture is read as it comes; faces keep their numbers, and answers are smoothed."""

import base64
import time

import numpy as np

from core.errors import MienError
from core.images import read_image
from core.output.draw import annotate
from core.readings import Frame
from core.streams.session import Session
from webapp.charts import answers
from webapp.space.gradio_setup import gr
from webapp.space.reading import CORES, inline, recognizer, title
from webapp.space.uploads import UploadError

AT_ONCE = CORES
"""Number of streams at once, of all visitors; further visitors wait."""

TURN_S = 120
"""Longest time of one stream, in seconds."""

EVERY_S = 0.15
"""Time between two pictures, in seconds."""

MOST_FACES = 3
"""Number of faces that get bars, the largest ones."""


def watch(upload: dict | None, session: Session | None, model: str) -> list:
    """Read the next picture of a visitor's camera.

    Args:
        upload: The picture, as Gradio passes it.
        session: The visitor's session; None at the first picture.
        model: Name of an installed model; it may change during the stream.

    Returns:
        The annotated picture as HTML, the session, and a title and a chart for each of `MOST_FACES` places.
    """
    if upload is None:
        return ["", session, *(update for _ in range(MOST_FACES) for update in _nobody())]
    try:
        reader = recognizer(model)
        session = session or Session(reader)
        session.use(reader)
        picture = _decoded(upload)
        frame = session.read(picture, time.monotonic())
    except MienError as error:
        raise gr.Error(str(error), duration=None, print_exception=False) from error
    return [inline(annotate(picture, frame), "The webcam with its faces marked"), session, *bars(picture, frame)]


def bars(picture: np.ndarray, frame: Frame) -> list:
    """Return a title and a chart for each place, in the order of the faces' numbers; unused places are hidden.

    Args:
        picture: uint8 RGB (h, w, 3), of which the frame was read.
        frame: Readings of the picture.
    """
    largest = sorted(frame.readings, key=lambda reading: -reading.face.box[2])[:MOST_FACES]
    shown = sorted(largest, key=lambda reading: reading.number)
    updates = [
        update
        for reading in shown
        for update in (
            gr.HTML(title(picture, reading.number, reading), visible=True),
            gr.Plot(answers.probability_bars(reading), visible=True),
        )
    ]
    return updates + [update for _ in range(MOST_FACES - len(shown)) for update in _nobody()]


def _decoded(upload: dict) -> np.ndarray:
    """Decode a camera's picture, which is part of the message itself; anything else is refused."""
    head, _, data = str(upload.get("url")).partition(";base64,")
    try:
        if head.startswith("data:image/"):
            return read_image(base64.b64decode(data, validate=True))
    except ValueError:
        pass
    raise UploadError("This is not a picture of a camera.")


def end(session: Session | None) -> None:
    """Close a visitor's session."""
    if session:
        session.close()


def _nobody() -> tuple:
    return gr.HTML(visible=False), gr.Plot(visible=False)
