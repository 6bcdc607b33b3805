"""Two windows about a face: why it was read as it was, and what the other models say about it."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import streamlit as st

from core.errors import MienError
from core.explain import explain, is_explained_by_pixels, most_moved, probability
from core.explain import marked as marked_in
from core.faces.landmarker import movements_of_crop
from core.inference import installed
from core.inference.artifact import Artifact
from core.readings import Answer, Reading
from core.runtime import assets
from webapp.charts import answers, theme
from webapp.ui.shared import engine
from webapp.ui.shared.messages import show_error

_PATIENCE_S = 15.0  # a model takes some seconds to load when it is first asked
_SEATS = threading.BoundedSemaphore(max(1, (os.cpu_count() or 1) // 2))
"""Limits how many questions are answered at once; each takes a core for half a second, which live streams need too."""


class BusyError(MienError):
    """More people are asking than the server can answer."""


def buttons(reading: Reading, model: str, key: str) -> None:
    """Show the buttons "Why?" and "All models" below a face.

    Args:
        reading: The reading to explain.
        model: Name of the model that gave it.
        key: Part of the buttons' keys, unique on the page.
    """
    plain = next(iter(reading.raw.values())) if reading.raw else None
    with st.container(horizontal=True, gap="xsmall"):
        button(reading.face.crop, reading.label, model, key, plain=plain)
        if len(installed.installed()) > 1 and st.button("All models", key=f"all-{key}", icon=":material/groups:"):
            st.dialog("What each model says", width="medium")(all_models)(reading)


def button(
    crop: np.ndarray, label: str, model: str, key: str, label_set: str | None = None, plain: Answer | None = None
) -> None:
    """Show a button that opens a window with the reasons for an answer.

    Args:
        crop: uint8 RGB (48, 48, 3).
        label: The model's answer.
        model: Name of the model.
        key: Part of the button's key, unique on the page.
        label_set: Name of the label set of the answer; None for the model's main one.
        plain: The model's answer to the crop alone, if `label` also depends on a baseline or on smoothing.
    """
    if st.button("Why?", key=f"why-{key}", icon=":material/search_insights:"):
        st.dialog(f"Why {label}?", width="medium")(reasons)(crop, label, model, label_set, plain)


def reasons(
    crop: np.ndarray, label: str, model: str, label_set: str | None = None, plain: Answer | None = None
) -> None:
    """Show the reasons for an answer, as the window of `button` does; see there for the arguments."""
    if plain:
        st.caption(
            f"Without a baseline and smoothing the model says **{plain.label}, {plain.confidence:.0%}** about "
            "this face; the figures below explain that plain answer."
        )
    try:
        with st.spinner("Hiding one part of the face after another …"), _seat():
            _places(crop, label, model, label_set)
            _movements(crop)
    except MienError as error:
        show_error(error)


@contextmanager
def _seat() -> Iterator[None]:
    """Hold one of the seats, waiting for it if need be."""
    if not _SEATS.acquire(timeout=_PATIENCE_S):
        raise BusyError("Too many people are asking why right now: close this window and try again in a moment.")
    try:
        yield
    finally:
        _SEATS.release()


def _places(crop: np.ndarray, label: str, model: str, label_set: str | None) -> None:
    artifact = engine.recognizer(model).artifact
    if not is_explained_by_pixels(artifact.feature):
        st.info(
            f"{model.capitalize()} sees the positions of points of the face and not its pixels. Movements explain its "
            "answer; a map could not.",
            icon=":material/polyline:",
        )
        return
    saliency, whole, without = _explained(artifact, artifact.card.files, crop, label, label_set)
    pictures = answers.explanation(crop, saliency)
    st.image(pictures, width="stretch", alt="The face as the model sees it, and the parts that the answer depends on")
    st.markdown(
        f"The more orange a place is, the more **{label}** rests on it: with the outlined fifth of the face blurred, "
        f"its probability goes from {whole:.0%} to **{without:.0%}**."
    )


def _movements(crop: np.ndarray) -> None:
    st.markdown("**What differs from a neutral face**")
    if assets.find(assets.FACE_LANDMARKER) is None:
        st.caption("This needs the file of the face mesh with movements: `python -m core fetch` downloads it.")
        return
    movements = movements_of_crop(crop)
    if movements is None:
        st.caption("The points of this face could not be found.")
    elif moved := most_moved(movements):
        st.markdown("\n".join(f"- {movement}" for movement in moved))
        st.caption("0 is not at all, 1 is as far as possible. Left and right are the person's own.")
    else:
        st.caption("Nothing: the face is close to neutral.")


def all_models(reading: Reading) -> None:
    """Show what each installed model says about a face, as bars."""
    readings, failures = {}, []
    try:
        with st.spinner("Asking each model …"), _seat():
            for model in installed.installed():
                try:
                    (readings[model],) = engine.recognizer(model).answer([reading.face])
                except MienError as error:
                    failures.append(f"**{model}**: {error}")
    except BusyError as error:
        show_error(error)
        return
    told = ", ".join(f"{model}: {one.answer.words}" for model, one in readings.items())
    st.plotly_chart(answers.model_bars(readings), config=theme.CONFIG, key="all-models", alt=f"Answers: {told}")
    plainly = " These are plain answers, without a baseline and smoothing." if reading.raw else ""
    st.caption(f"Each bar divides 100% among the expressions. Two models that agree are not two proofs.{plainly}")
    for failure in failures:
        st.warning(failure, icon=":material/warning:")


# The files are part of the key because another model may take over the name.
@st.cache_data(scope="session", max_entries=256, show_spinner=False)
def _explained(
    _artifact: Artifact, files: Mapping[str, Any], crop: np.ndarray, label: str, label_set: str | None
) -> tuple[np.ndarray, float, float]:
    """The saliency map, and the label's probability for the whole face and without the marked part."""
    saliency = explain(_artifact, crop, label, label_set)
    region = marked_in(saliency)
    whole, without = (probability(_artifact, crop, label, hidden, label_set) for hidden in (None, region))
    return saliency, whole, without
