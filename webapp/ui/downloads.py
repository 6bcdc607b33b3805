"""Results to take away: pictures, CSV, JSON."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

import streamlit as st
from PIL import Image

from core.draw import annotate
from core.images import read_image
from core.sinks import picture_record, write_csv
from webapp.ui.engine import Result


def show(results: Sequence[Result]) -> None:
    """A row of download buttons; each file is made when its button is pressed."""
    many = len(results) > 1
    files = {
        "Pictures (zip)" if many else "Picture (PNG)": (
            "mien.zip" if many else _png_name(results[0]),
            (lambda: _zip(results)) if many else (lambda: _png(results[0])),
        ),
        "CSV": ("mien.csv", lambda: _csv(results)),
        "JSON": ("mien.json", lambda: _json(results)),
    }
    with st.container(horizontal=True):
        for label, (name, make) in files.items():
            st.download_button(label, make, name, on_click="ignore", icon=":material/download:")


def _png_name(result: Result) -> str:
    return f"{PurePath(result.photo.name).stem}-mien.png"


def _png(result: Result) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(annotate(read_image(result.photo.data), result.frame)).save(stream, "PNG")
    return stream.getvalue()


def _zip(results: Sequence[Result]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for number, result in enumerate(results, start=1):
            # Numbered, because two photos may have the same name.
            archive.writestr(f"{number:03}-{_png_name(result)}", _png(result))
    return stream.getvalue()


def _csv(results: Sequence[Result]) -> str:
    stream = io.StringIO()
    write_csv(((result.photo.name, result.frame) for result in results), stream)
    return stream.getvalue()


def _json(results: Sequence[Result]) -> str:
    return json.dumps([picture_record(result.photo.name, result.frame) for result in results], indent=2)
