"""The webcam, read as it goes: faces keep their numbers, answers are smoothed."""

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
"""Streams of all visitors; who comes later waits for a turn."""

TURN_S = 120
EVERY_S = 0.15
MOST_FACES = 3
"""With bars of their own: the largest ones."""


def watch(upload: dict | None, session: Session | None, model: str) -> list:
    """Read the next picture of a visitor's camera.

    Args:
        upload: Gradio's picture, as it came.
        session: Of this visitor; None at the first picture.
        model: Name of an installed model; may change while the stream runs.

    Returns:
        The annotated picture as HTML, the session, and for each of `MOST_FACES` places a caption and a chart.
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
    """A caption and a chart for each place, by the faces' numbers; hidden where there is no face for it."""
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
    """A camera's picture comes in the message itself and lies in no file; anything else is none."""
    head, _, data = str(upload.get("url")).partition(";base64,")
    try:
        if head.startswith("data:image/"):
            return read_image(base64.b64decode(data, validate=True))
    except ValueError:
        pass
    raise UploadError("This is no picture of a camera.")


def inline(picture: np.ndarray) -> str:
    """A picture inside an HTML element: `gr.Image` would write each to the disk."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=85)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<img alt="The webcam with its faces marked" src="data:image/jpeg;base64,{data}">'


def end(session: Session | None) -> None:
    """Free what a visitor's stream held."""
    if session:
        session.close()


def _nobody() -> tuple:
    return gr.Markdown(visible=False), gr.Plot(visible=False)
