"""The annotated pictures and, for each face, what was read from it."""

from collections.abc import Sequence

import streamlit as st

from core.draw import caption
from core.readings import Reading
from webapp import charts
from webapp.ui.engine import Result

_PHOTOS_A_PAGE = 6


def show(results: Sequence[Result]) -> None:
    """Show each photo with its faces, some photos at a time."""
    pages = -(-len(results) // _PHOTOS_A_PAGE)
    page = st.pagination(pages, key="photos_page") if pages > 1 else 1
    for result in results[(page - 1) * _PHOTOS_A_PAGE : page * _PHOTOS_A_PAGE]:
        _photo(result, titled=len(results) > 1)


def _photo(result: Result, titled: bool) -> None:
    readings = result.frame.readings
    if titled:
        st.subheader(result.photo.name)
    picture, faces = st.columns([3, 2] if len(readings) < 2 else [1, 1], gap="medium")
    captions = [caption(number, reading) for number, reading in enumerate(readings, start=1)]
    with picture:
        st.image(result.annotated, width="stretch", alt=f"{result.photo.name}: {', '.join(captions) or 'no face'}")
    with faces:
        if not readings:
            st.info(
                "No face was found in this picture. A face should be at least 24 pixels tall, "
                "in focus, and not turned too far away.",
                icon=":material/face:",
            )
        for text, reading, cut_out in zip(captions, readings, result.cut_outs, strict=True):
            with st.container(border=True):
                _face(text, reading, cut_out, key=f"{result.photo.name} {text}")


def _face(text: str, reading: Reading, cut_out: bytes, key: str) -> None:
    st.image(cut_out, width=96, alt=f"Face {text}")
    st.markdown(f"**{text}**")
    st.plotly_chart(charts.probability_bars(reading), config=charts.CONFIG, key=key)
    for hint in reading.face.view.hints:
        st.caption(hint)
