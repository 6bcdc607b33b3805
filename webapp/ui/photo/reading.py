"""carved."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from PIL import Image

from core.errors import ImageError, MienError
from core.images import read_image
from core.output.draw import annotate, cut_out
from core.readings import Frame
from core.recognizer import Recognizer
from webapp.ui.photo.sources import Photo
from webapp.ui.shared.engine import _changed, recognizer
from webapp.ui.shared.messages import escaped

_SHOWN_SIDE = 1400


@dataclass(frozen=True)
class Result:
    """What was read from a photo, and small pictures of it to show.

    Attributes:
        photo: The photo as it came.
        frame: What was read from it.
        annotated: JPEG of the annotated picture, reduced to what a screen shows.
        cut_outs: JPEG of each face, in the order of the frame's readings.
    """

    photo: Photo
    frame: Frame
    annotated: bytes = field(repr=False)
    cut_outs: tuple[bytes, ...] = field(repr=False)


def read_all(photos: list[Photo], model: str, neutral: Photo | None = None) -> list[Result]:
    """Read the photos in turn; one that cannot be read is named in the page and left out.

    Args:
        photos: At least one.
        model: Name of an installed one.
        neutral: The person of all photos at rest, where there is one. The page says whether it could be used.
    """
    results = []
    with st.spinner("Looking for faces …"), _faults_of_the_engine():
        at_rest = neutral.data if neutral and _is_usable(neutral, model) else None
        for photo in photos:
            try:
                results.append(Result(photo, *_read(photo.data, model, _changed(model), at_rest)))
            except ImageError as error:
                st.error(f"**{photo.name}**: {error}", icon=":material/broken_image:")
    return results


@contextmanager
def _faults_of_the_engine() -> Iterator[None]:
    """What is no picture's fault would come back with the next one: the page says it once and stops."""
    try:
        yield
    except MienError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def _is_usable(neutral: Photo, model: str) -> bool:
    knowing = _knowing(neutral.data, model, _changed(model))
    if isinstance(knowing, ImageError):
        st.warning(f"**{escaped(neutral.name)}**: {knowing} The photos are read without it.", icon=":material/face:")
        return False
    st.caption(
        f":material/self_improvement: Read as changes from the neutral face in **{escaped(neutral.name)}**, as if "
        "every face were that person's."
    )
    return True


# A viewer's pictures are nobody else's: these caches are the session's own and end with it.
@st.cache_data(scope="session", max_entries=256, show_spinner=False)
def _read(data: bytes, model: str, changed: int, at_rest: bytes | None) -> tuple[Frame, bytes, tuple[bytes, ...]]:
    picture = read_image(data)
    reader = recognizer(model) if at_rest is None else _knowing(at_rest, model, changed)
    frame = reader.read_frame(picture)
    cut_outs = tuple(_jpeg(cut_out(picture, reading.face)) for reading in frame.readings)
    return frame, _jpeg(annotate(picture, frame)), cut_outs


@st.cache_resource(scope="session", max_entries=8, show_spinner=False)
def _knowing(at_rest: bytes, model: str, changed: int) -> Recognizer | ImageError:
    """The model's recognizer with a person's baseline, or what stands against it: to look again takes a while."""
    try:
        return recognizer(model).with_baseline(at_rest)
    except ImageError as error:
        return error


def _jpeg(picture: np.ndarray) -> bytes:
    image = Image.fromarray(picture)
    image.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90)
    return stream.getvalue()
