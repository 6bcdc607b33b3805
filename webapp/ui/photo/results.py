"""The results of photos: annotated pictures with the faces' cards, a table of all faces, and files to download."""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePath

import pandas as pd
import streamlit as st

from core.faces.finder import Search
from core.images import read_image
from core.output.draw import annotated_png, caption
from core.output.provenance import Provenance
from core.output.table import FACE_COLUMNS, columns_for, encode, frame_rows, picture_record
from core.readings import Reading
from webapp.charts import answers, theme
from webapp.ui.photo.reading import Result
from webapp.ui.photo.sources import Photo
from webapp.ui.shared import engine, why
from webapp.ui.shared import provenance as shared

_PHOTOS_A_PAGE = 6
_PICTURE_SIZE = (820, 640)
_CARD_WIDTH = 260
_SMALLEST_TOLD = 0.01


def show(results: Sequence[Result], model: str) -> None:
    """Show each photo with a card for each face, a few photos at a time."""
    pages = -(-len(results) // _PHOTOS_A_PAGE)
    page = st.pagination(pages, key="photos_page", persist_state="session") if pages > 1 else 1
    first = (page - 1) * _PHOTOS_A_PAGE
    for index, result in enumerate(results[first : first + _PHOTOS_A_PAGE], start=first):
        _photo(index, result, model, titled=len(results) > 1)


def _photo(index: int, result: Result, model: str, titled: bool) -> None:
    readings = result.frame.readings
    if titled:
        st.header(result.photo.name, anchor=False)
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
                _face(caption(number, reading), reading, cut_out, f"{index}-{number}", is_one=len(readings) == 1)
                why.buttons(reading, model, key=f"{index}-{number}")


def _picture(result: Result, width: int | str) -> None:
    captions = [caption(number, reading) for number, reading in enumerate(result.frame.readings, start=1)]
    st.image(result.annotated, width=width, alt=f"{result.photo.name}: {', '.join(captions) or 'no face'}")


def _face(text: str, reading: Reading, cut_out: bytes, key: str, is_one: bool) -> None:
    """Show a face; studio.css shows one of many on a narrow screen with its probabilities as text and not as bars."""
    shares = sorted(reading.probabilities.items(), key=lambda each: -each[1])
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.image(cut_out, width=72, alt="The face")
        with st.container(gap="xxsmall"):
            st.markdown(f"**{text}**")
            if not is_one:
                told = ", ".join(f"{label} {value:.0%}" for label, value in shares[1:] if value >= _SMALLEST_TOLD)
                st.container(key=f"narrow-{key}").caption(f"Then {told}" if told else "Nothing else is likely")
            if reading.raw:
                st.caption(f"Without the baseline: {next(iter(reading.raw.values())).words}")
            for hint in reading.face.quality.hints:
                st.caption(f":material/lightbulb: {hint.capitalize()}")
    bars = ", ".join(f"{label} {value:.0%}" for label, value in reading.probabilities.items())
    figure, alt = answers.probability_bars(reading), f"Probabilities: {bars}"
    with st.container(key=f"{'bars' if is_one else 'wide'}-{key}"):
        st.plotly_chart(figure, config=theme.CONFIG, key=f"chart-{key}", alt=alt)


_COLUMNS = ["Photo", "Face", "Expression", "Confidence", "View"]


def show_table(results: Sequence[Result]) -> None:
    """Show a sortable table of all faces; a photo without a face has a row too."""
    rows = [row for result in results for row in _rows(result)]
    columns = {
        "Face": st.column_config.TextColumn(width=50),
        "Expression": st.column_config.TextColumn(width=170),
        "Confidence": st.column_config.ProgressColumn(format="%.0f%%", min_value=0, max_value=100),
    }
    st.dataframe(pd.DataFrame(rows, columns=_COLUMNS), hide_index=True, column_config=columns)


def _rows(result: Result) -> Iterator[tuple]:
    readings = result.frame.readings
    if not readings:
        yield result.photo.name, "", "no face", None, ""
    for number, reading in enumerate(readings, start=1):
        told = reading.answer.words if reading.unsure else reading.label
        hints = "; ".join(reading.face.quality.hints)
        yield result.photo.name, str(number), told, reading.confidence * 100, hints or "good"


def provenance(results: Sequence[Result], model: str, search: Search, neutral: Photo | None) -> Provenance:
    """What read the photos.

    Args:
        results: The results.
        model: Name of the model.
        search: How faces were searched for.
        neutral: The photo of a person at rest, if one was given; it counts where the readings used it.
    """
    used = neutral and any(reading.raw for result in results for reading in result.frame.readings)
    return Provenance.of(engine.recognizer(model).card, search, baseline=f"of {neutral.name}" if used else None)


def show_downloads(results: Sequence[Result], model: str, made_by: Provenance) -> None:
    """Show a row of download buttons; each file is made when its button is pressed."""
    if len(results) > 1:
        pictures = ("Pictures (zip)", "mien.zip", lambda: pictures_zip(results, made_by))
    else:
        pictures = ("Picture (PNG)", _png_name(results[0]), lambda: picture_png(results[0], made_by))
    columns = columns_for(engine.recognizer(model).card, start=FACE_COLUMNS)
    tables = (
        ("CSV", "mien.csv", lambda: faces_csv(results, columns)),
        ("JSON", "mien.json", lambda: pictures_json(results, made_by)),
    )
    with st.container(horizontal=True):
        for label, name, make in (pictures, *tables):
            st.download_button(label, make, name, on_click="ignore", icon=":material/download:")
        shared.side_file(made_by, "mien.csv")
    shared.line(made_by)


def picture_png(result: Result, made_by: Provenance) -> bytes:
    """Return the annotated picture in its full size, as PNG."""
    return annotated_png(read_image(result.photo.data), result.frame, made_by)


def pictures_zip(results: Sequence[Result], made_by: Provenance) -> bytes:
    """Return the annotated pictures as a zip file, numbered, because two photos may have the same name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, result in enumerate(results, start=1):
            archive.writestr(f"{number:03}-{_png_name(result)}", picture_png(result, made_by))
    return stream.getvalue()


def faces_csv(results: Sequence[Result], columns: Sequence[str] = FACE_COLUMNS) -> str:
    """Return the readings as CSV: a row for each face, and one for each photo without a face."""
    rows = [
        row for result in results for row in frame_rows(result.frame, columns, path=result.photo.name, every_row=True)
    ]
    return encode(rows, columns, "csv").decode()


def pictures_json(results: Sequence[Result], made_by: Provenance) -> str:
    """Return the readings as JSON: what made them, and a list with an object for each picture."""
    pictures = [picture_record(result.photo.name, result.frame) for result in results]
    return json.dumps({"made_by": made_by.facts(), "pictures": pictures}, indent=2)


def _png_name(result: Result) -> str:
    return f"{PurePath(result.photo.name).stem}-mien.png"
