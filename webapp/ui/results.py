"""The annotated pictures and, for each face, what was read from it."""

from collections.abc import Sequence

import streamlit as st

from core.output.draw import caption
from core.readings import Reading
from webapp import charts
from webapp.ui import why
from webapp.ui.engine import Result

_PHOTOS_A_PAGE = 6
_PICTURE_SIZE = (820, 640)
_CARD_WIDTH = 260


def show(results: Sequence[Result], model: str) -> None:
    """Show each photo with its faces as the model read them, some photos at a time."""
    pages = -(-len(results) // _PHOTOS_A_PAGE)
    page = st.pagination(pages, key="photos_page") if pages > 1 else 1
    first = (page - 1) * _PHOTOS_A_PAGE
    for index, result in enumerate(results[first : first + _PHOTOS_A_PAGE], start=first):
        _photo(index, result, model, titled=len(results) > 1)


def _photo(index: int, result: Result, model: str, titled: bool) -> None:
    readings = result.frame.readings
    if titled:
        st.subheader(result.photo.name, anchor=False)
    if len(readings) > 1:
        width, height = _PICTURE_SIZE
        _picture(result, width=min(width, round(height * result.frame.width / result.frame.height)))
        cells = st.grid(min_column_width=_CARD_WIDTH)
    else:
        left, cells = st.columns([3, 2], gap="medium")
        with left:
            _picture(result, width="stretch")
    with cells:
        if not readings:
            st.info(
                "No face was found here. Mien sees faces of 24 pixels or taller that are not turned too far away.",
                icon=":material/person_off:",
            )
        for number, (reading, cut_out) in enumerate(zip(readings, result.cut_outs, strict=True), start=1):
            with st.container(border=True):
                _face(caption(number, reading), reading, cut_out, key=f"bars-{index}-{number}")
                why.buttons(reading, model, key=f"{index}-{number}")


def _picture(result: Result, width: int | str) -> None:
    captions = [caption(number, reading) for number, reading in enumerate(result.frame.readings, start=1)]
    st.image(result.annotated, width=width, alt=f"{result.photo.name}: {', '.join(captions) or 'no face'}")


def _face(text: str, reading: Reading, cut_out: bytes, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.image(cut_out, width=72, alt="The face")
        with st.container(gap="xxsmall"):
            st.markdown(f"**{text}**")
            if reading.unsure:
                st.caption(f"Perhaps {reading.label}: too close to call.")
            for hint in reading.face.view.hints:
                st.caption(f":material/lightbulb: {hint.capitalize()}")
    bars = ", ".join(f"{label} {value * 100:.0f} %" for label, value in reading.probabilities.items())
    st.plotly_chart(charts.probability_bars(reading), config=charts.CONFIG, key=key, alt=f"Probabilities: {bars}")
