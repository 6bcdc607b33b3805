"""The results of photos: annotated pictures with the faces' cards, a table of all faces, and files to download."""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePath

import pandas as pd
import streamlit as st
from PIL import Image

from core.images import read_image
from core.output.draw import annotate, caption
from core.output.table import FACE_COLUMNS, encode, picture_record, picture_rows
from core.readings import Reading
from webapp.charts import answers, theme
from webapp.ui.photo.reading import Result
from webapp.ui.shared import why

_PHOTOS_A_PAGE = 6
_PICTURE_SIZE = (820, 640)
_CARD_WIDTH = 260


def show(results: Sequence[Result], model: str) -> None:
    """Show each photo with a card for each face, a few photos at a time."""
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
            for hint in reading.face.quality.hints:
                st.caption(f":material/lightbulb: {hint.capitalize()}")
    bars = ", ".join(f"{label} {value * 100:.0f} %" for label, value in reading.probabilities.items())
    st.plotly_chart(answers.probability_bars(reading), config=theme.CONFIG, key=key, alt=f"Probabilities: {bars}")


_COLUMNS = ["Photo", "Face", "Expression", "Confidence", "View"]


def show_table(results: Sequence[Result]) -> None:
    """Show a sortable table of all faces; a photo without a face has a row too."""
    rows = [row for result in results for row in _rows(result)]
    percent = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
    st.dataframe(pd.DataFrame(rows, columns=_COLUMNS), hide_index=True, column_config={"Confidence": percent})


def _rows(result: Result) -> Iterator[tuple]:
    for number, reading in enumerate(result.frame.readings, start=1):
        expression = "unsure" if reading.unsure else reading.label
        view = "; ".join(reading.face.quality.hints) or "good"
        yield result.photo.name, str(number), expression, reading.confidence * 100, view
    if not result.frame.readings:
        yield result.photo.name, "", "no face", None, ""


def show_downloads(results: Sequence[Result]) -> None:
    """Show a row of download buttons; each file is made when its button is pressed."""
    if len(results) > 1:
        pictures = ("Pictures (zip)", "mien.zip", lambda: pictures_zip(results))
    else:
        pictures = ("Picture (PNG)", _png_name(results[0]), lambda: picture_png(results[0]))
    tables = (("CSV", "mien.csv", lambda: faces_csv(results)), ("JSON", "mien.json", lambda: pictures_json(results)))
    with st.container(horizontal=True):
        for label, name, make in (pictures, *tables):
            st.download_button(label, make, name, on_click="ignore", icon=":material/download:")


def picture_png(result: Result) -> bytes:
    """Return the annotated picture in its full size, as PNG."""
    stream = io.BytesIO()
    Image.fromarray(annotate(read_image(result.photo.data), result.frame)).save(stream, "PNG")
    return stream.getvalue()


def pictures_zip(results: Sequence[Result]) -> bytes:
    """Return the annotated pictures as a zip file, numbered, because two photos may have the same name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, result in enumerate(results, start=1):
            archive.writestr(f"{number:03}-{_png_name(result)}", picture_png(result))
    return stream.getvalue()


def faces_csv(results: Sequence[Result]) -> str:
    """Return the readings as CSV, a row for each face."""
    rows = [row for result in results for row in picture_rows(result.photo.name, result.frame)]
    return encode(rows, FACE_COLUMNS, "csv").decode()


def pictures_json(results: Sequence[Result]) -> str:
    """Return the readings as JSON, a list with an object for each picture."""
    return json.dumps([picture_record(result.photo.name, result.frame) for result in results], indent=2)


def _png_name(result: Result) -> str:
    return f"{PurePath(result.photo.name).stem}-mien.png"
