"""Results to take away: pictures, CSV, JSON."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

import streamlit as st
from PIL import Image

from core.images import read_image
from core.output.draw import annotate
from core.output.sinks import picture_record, write_csv
from webapp.ui.photo.reading import Result


def show(results: Sequence[Result]) -> None:
    """A row of download buttons; each file is made when its button is pressed."""
    if len(results) > 1:
        pictures = ("Pictures (zip)", "mien.zip", lambda: pictures_zip(results))
    else:
        pictures = ("Picture (PNG)", _png_name(results[0]), lambda: picture_png(results[0]))
    tables = (("CSV", "mien.csv", lambda: faces_csv(results)), ("JSON", "mien.json", lambda: pictures_json(results)))
    with st.container(horizontal=True):
        for label, name, make in (pictures, *tables):
            st.download_button(label, make, name, on_click="ignore", icon=":material/download:")


def picture_png(result: Result) -> bytes:
    """The annotated picture in its full size."""
    stream = io.BytesIO()
    Image.fromarray(annotate(read_image(result.photo.data), result.frame)).save(stream, "PNG")
    return stream.getvalue()


def pictures_zip(results: Sequence[Result]) -> bytes:
    """The annotated pictures, numbered, because two photos may have the same name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, result in enumerate(results, start=1):
            archive.writestr(f"{number:03}-{_png_name(result)}", picture_png(result))
    return stream.getvalue()


def faces_csv(results: Sequence[Result]) -> str:
    """A row for each face."""
    stream = io.StringIO()
    write_csv(((result.photo.name, result.frame) for result in results), stream)
    return stream.getvalue()


def pictures_json(results: Sequence[Result]) -> str:
    """A list with an object for each picture."""
    return json.dumps([picture_record(result.photo.name, result.frame) for result in results], indent=2)


def _png_name(result: Result) -> str:
    return f"{PurePath(result.photo.name).stem}-mien.png"
