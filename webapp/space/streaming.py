"""The webcam: each picture is read as it comes; faces keep their numbers, and answers are smoothed."""

import base64
import io
import time

import numpy as np
from PIL import Image

from core.errors import MienError
from core.images import read_image
from core.output.draw import annotate, caption
from core.readings import Frame
from core.streams.session import Session
from webapp.charts import answers
from webapp.space.gradio_setup import gr
from webapp.space.reading import CORES, recognizer
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
        The annotated picture as HTML, the session, and a caption and a chart for each of `MOST_FACES` places.
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
    return [inline(annotate(picture, frame)), session, *bars(frame)]


def bars(frame: Frame) -> list:
    """Return a caption and a chart for each place, in the order of the faces' numbers; unused places are hidden."""
    largest = sorted(frame.readings, key=lambda reading: -reading.face.box[2])[:MOST_FACES]
    shown = sorted(largest, key=lambda reading: reading.number)
    updates = [
        update
        for reading in shown
        for update in (
            gr.Markdown(f"**{caption(reading.number, reading)}**", visible=True),
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


def inline(picture: np.ndarray) -> str:
    """Return a picture as an HTML element with the picture inside; `gr.Image` would write each one to the disk."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=85)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<img alt="The webcam with its faces marked" src="data:image/jpeg;base64,{data}">'


def end(session: Session | None) -> None:
    """Close a visitor's session."""
    if session:
        session.close()


def _nobody() -> tuple:
    return gr.Markdown(visible=False), gr.Plot(visible=False)
