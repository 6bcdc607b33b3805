"""The pictures that come with the studio, to try it with."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parents[2] / "space" / "samples"


@dataclass(frozen=True)
class Sample:
    """A picture to try the studio with.

    Attributes:
        name: Name by which people choose the sample.
        about: Subject and owner of the picture, in words.
        path: The file.
    """

    name: str
    about: str
    path: Path


SAMPLES = (
    Sample("An astronaut", "Eileen Collins, astronaut. Photo: NASA, public domain.", _FOLDER / "1-astronaut.webp"),
    Sample("Three faces", "Three drawn faces.", _FOLDER / "2-three-portraits.webp"),
    Sample("Six faces", "Six drawn faces.", _FOLDER / "3-six-portraits.webp"),
)


def show(sample: Sample) -> None:
    """Let the Photo page open with a sample."""
    st.session_state["photo_source"] = "Sample"
    st.session_state["photo_sample"] = sample.name


def choose() -> Sample:
    """Let the viewer choose a sample."""
    name = st.segmented_control(
        "Sample",
        [sample.name for sample in SAMPLES],
        default=SAMPLES[0].name,
        required=True,
        label_visibility="collapsed",
        key="photo_sample",
        persist_state="session",
    )
    return next(sample for sample in SAMPLES if sample.name == name)
