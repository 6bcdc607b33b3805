"""What is read from each photo, cached for the viewer's session."""

import io
from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from PIL import Image

from core.errors import ImageError
from core.faces.finder import Search
from core.images import read_image
from core.output.draw import annotate, cut_out
from core.readings import Frame
from core.recognizer import Recognizer
from webapp.ui.photo.sources import Photo
from webapp.ui.shared import messages
from webapp.ui.shared.engine import installed_ns, recognizer

_SHOWN_SIDE = 1400


@dataclass(frozen=True)
class Result:
    """What was read from a photo, and pictures of it to show.

    Attributes:
        photo: The photo as it came.
        frame: The readings.
        annotated: JPEG of the annotated photo, reduced to the size of a screen.
        cut_outs: JPEG of each face, in the order of the frame's readings.
    """

    photo: Photo
    frame: Frame
    annotated: bytes = field(repr=False)
    cut_outs: tuple[bytes, ...] = field(repr=False)


def read_all(
    photos: list[Photo], model: str, neutral: Photo | None = None, search: Search = "thorough"
) -> list[Result]:
    """Read the photos one by one; one that cannot be read is named on the page and left out.

    Args:
        photos: The photos.
        model: Name of an installed model.
        neutral: A photo of the neutral face of the person in all photos, if any. The page says whether it is used.
        search: How faces are searched for in all of them.
    """
    results = []
    # An error of the engine would come back with the next photo, so the page shows it once and stops.
    with st.spinner("Looking for faces …"), messages.stopping_at_errors():
        at_rest = neutral.data if neutral and _is_usable(neutral, model, search) else None
        for photo in photos:
            try:
                results.append(Result(photo, *_read(photo.data, model, installed_ns(model), at_rest, search)))
            except ImageError as error:
                messages.show_error(f"{photo.name}: {error}", icon=":material/broken_image:")
    return results


def _is_usable(neutral: Photo, model: str, search: Search) -> bool:
    reader = _with_baseline(neutral.data, model, installed_ns(model), search)
    name = messages.escaped(neutral.name)
    if isinstance(reader, ImageError):
        st.warning(f"**{name}**: {reader} The photos are read without it.", icon=":material/face:")
        return False
    if doubt := reader.baseline.doubt:
        st.warning(
            f"**{name}** looks **{doubt.words}**, not neutral. Every photo would be read as a change from that.",
            icon=":material/sentiment_neutral:",
        )
        if not st.checkbox(
            "It is this person's neutral face: use it",
            key=f"photo_neutral_sure_{neutral.name}",
            persist_state="session",
        ):
            return False
    before = next(iter(reader.baseline.at_rest.values()))
    after = next(iter(reader.baseline.correct(reader.baseline.at_rest).values()))
    st.caption(
        f":material/self_improvement: This face at rest: {before.words} without the baseline, {after.words} with it."
    )
    st.caption(
        f":material/self_improvement: Read as changes from the neutral face in **{name}**, as if every face were that "
        "person's."
    )
    return True


# No other viewer may see a viewer's pictures: these caches belong to the session and end with it.
@st.cache_data(scope="session", max_entries=256, show_spinner=False)
def _read(
    data: bytes, model: str, installed_ns: int, at_rest: bytes | None, search: Search
) -> tuple[Frame, bytes, tuple[bytes, ...]]:
    picture = read_image(data)
    plain = recognizer(model).with_search(search)
    reader = plain if at_rest is None else _with_baseline(at_rest, model, installed_ns, search)
    frame = reader.read_frame(picture)
    cut_outs = tuple(_jpeg(cut_out(picture, reading.face)) for reading in frame.readings)
    return frame, _jpeg(annotate(picture, frame)), cut_outs


@st.cache_resource(scope="session", max_entries=8, show_spinner=False)
def _with_baseline(at_rest: bytes, model: str, installed_ns: int, search: Search) -> Recognizer | ImageError:
    """The model's recognizer with a person's baseline, or the reason why there is none, which is worth caching too."""
    try:
        return recognizer(model).with_search(search).with_baseline(at_rest)
    except ImageError as error:
        return error


def _jpeg(picture: np.ndarray) -> bytes:
    image = Image.fromarray(picture)
    image.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90)
    return stream.getvalue()
