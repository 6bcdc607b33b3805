"""Reading uploaded pictures: annotated pictures, readings as JSON, and what the page shows of each face."""

import base64
import functools
import html
import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from core.errors import ImageError, MienError
from core.images import read_image
from core.inference import installed
from core.output.draw import annotate, cut_out
from core.output.provenance import Provenance
from core.output.table import picture_record
from core.readings import Frame, Reading
from core.recognizer import Recognizer
from webapp.charts import answers
from webapp.space import uploads
from webapp.space.gradio_setup import gr
from webapp.space.uploads import UploadError

CORES = os.cpu_count() or 1


def choices() -> list[tuple[str, str]]:
    """Return a title and the name of each installed model, the default first."""
    cards = installed.installed()
    return [(" · ".join(filter(None, (name, installed.described(card)))), name) for name, card in cards.items()]


@functools.cache
def recognizer(model: str) -> Recognizer:
    """Return the recognizer of a model, loaded once.

    Raises:
        MienError: There is no such model, or a file that it needs is missing.
    """
    return Recognizer(model, cores=1)  # many visitors share it


def read_frame(path: Path, model: str, is_face: bool) -> tuple[np.ndarray, Frame]:
    """Read an uploaded picture, uint8 RGB (h, w, 3), and what a model says of it.

    Args:
        path: Path of the picture.
        model: Name of an installed model.
        is_face: Whether the whole picture is one face, in which none is searched for.

    Raises:
        MienError: The picture cannot be read, or the model cannot be had.
    """
    picture = read_image(uploads.read(path))
    return picture, recognizer(model).with_search("crop" if is_face else "thorough").read_frame(picture)


MOST_PICTURES = 12


@dataclass(frozen=True, eq=False)  # Gradio detects changes by the hash, and figures have none
class Result:
    """What the page shows besides an annotated picture.

    Attributes:
        path: Path of the picture, until it is deleted.
        model: Name of the model that read it.
        is_face: Whether it was read as one face, without a search.
        picture: Name of the picture.
        faces: A title with the face's picture, as HTML, and a bar chart for each face, from left to right.
    """

    path: Path
    model: str
    is_face: bool
    picture: str
    faces: tuple[tuple[str, go.Figure], ...]


def read(
    picture: dict | None, model: str, is_face: bool = False
) -> tuple[np.ndarray | None, dict | None, Result | None]:
    """Read the expression of every face in a picture.

    Args:
        picture: The file, as Gradio passes it without decoding; the engine does that, and refuses what is no picture.
        model: Name of an installed model.
        is_face: Whether the whole picture is one face, in which none is searched for.

    Returns:
        The annotated picture, the readings as JSON, and what to show of the faces; all None without a picture.
    """
    if picture is None:
        return None, None, None
    try:
        annotated, record, result = _read(uploads.path_of(picture), model, is_face)
    except MienError as error:
        raise gr.Error(str(error), duration=None, print_exception=False) from error
    if not result.faces:
        gr.Info("No face was found in this picture.")
    return annotated, record, result


def read_several(
    pictures: list[dict] | None, model: str, is_face: bool = False
) -> tuple[list, list[dict], list[Result], Result | None]:
    """Read several pictures; of one that cannot be read the page and the JSON say why.

    Args:
        pictures: The gallery's items, as Gradio passes them: each holds a file under "image" or "video".
        model: Name of an installed model.
        is_face: Whether each picture is one face, in which none is searched for.

    Returns:
        The annotated pictures with captions; for each picture that was given, in its place, the readings as JSON, or
        the reason under "error"; what to show of the faces of each that was read, and of the first.
    """
    pictures = pictures or []
    annotated, records, results = [], [], []
    for each in pictures[:MOST_PICTURES]:
        upload = each.get("image") or each.get("video") or {}
        try:
            marked, record, result = _read(uploads.path_of(upload), model, is_face)
        except (ImageError, UploadError) as error:
            name = uploads.name_of(upload)
            gr.Warning(f"{name}: {error}", duration=None)
            records.append({"picture": name, "model": model, "error": str(error)})
            continue
        except MienError as error:  # the next picture would fail in the same way
            raise gr.Error(str(error), duration=None, print_exception=False) from error
        annotated.append((marked, f"{record['picture']}: {_counted(result)}"))
        records.append(record)
        results.append(result)
    if left := pictures[MOST_PICTURES:]:
        reason = f"Only the first {MOST_PICTURES} pictures are read here."
        gr.Warning(reason)
        names = (uploads.name_of(each.get("image") or each.get("video") or {}) for each in left)
        records += [{"picture": name, "model": model, "error": reason} for name in names]
    return annotated, records, results, next(iter(results), None)


def _read(path: Path, model: str, is_face: bool) -> tuple[np.ndarray, dict, Result]:
    picture, frame = read_frame(path, model, is_face)
    made_by = Provenance.of(recognizer(model).card, "crop" if is_face else "thorough")
    record = picture_record(path.name, frame, made_by)
    # Gradio would send an object with a key "path" as a file.
    record = {"picture": record.pop("path"), "model": model, **record}
    faces = tuple(
        (title(picture, number, reading), answers.probability_bars(reading))
        for number, reading in enumerate(frame.readings, start=1)
    )
    return annotate(picture, frame), record, Result(path, model, is_face, record["picture"], faces)


def _counted(result: Result) -> str:
    count = len(result.faces)
    return "no face" if not count else f"{count} face{'s' * (count > 1)}"


def title(picture: np.ndarray, number: int, reading: Reading) -> str:
    """Return what stands above the bars of a face, as HTML: the face itself, its number and what it shows.

    Args:
        picture: uint8 RGB (h, w, 3), the picture in which the face is.
        number: Number of the face, as on the annotated picture.
        reading: The reading of the face.
    """
    face = inline(cut_out(picture, reading.face, side=128), f"Face {number}")
    return f'<div class="who">{face}<strong>Face {number}: {html.escape(reading.answer.words)}</strong></div>'


def inline(picture: np.ndarray, alternative: str) -> str:
    """Return a picture as an HTML element with the picture inside; `gr.Image` would write each one to the disk.

    Args:
        picture: uint8 RGB (h, w, 3).
        alternative: Description of the picture, for somebody who does not see it.
    """
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=85)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<img alt="{html.escape(alternative)}" src="data:image/jpeg;base64,{data}">'
