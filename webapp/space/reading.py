"""Reading uploaded pictures: annotated pictures, readings as JSON, and what the page shows of each face."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

from core.errors import ImageError, MienError
from core.images import read_image
from core.inference import installed
from core.output.draw import annotate, caption
from core.output.provenance import Provenance
from core.output.table import picture_record
from core.readings import Frame
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
        faces: A caption and a bar chart for each face, from left to right.
    """

    path: Path
    model: str
    is_face: bool
    faces: tuple[tuple[str, go.Figure], ...]


def read(
    upload: dict | None, model: str, is_face: bool = False
) -> tuple[np.ndarray | None, dict | None, Result | None]:
    """Read the expression of every face in a picture.

    Args:
        upload: The file, as Gradio passes it without decoding; the engine decodes it and refuses what is not a picture.
        model: Name of an installed model.
        is_face: Whether the whole picture is one face, in which none is searched for.

    Returns:
        The annotated picture, the readings as JSON, and what to show of the faces; all None without a picture.
    """
    if upload is None:
        return None, None, None
    try:
        annotated, record, result = _read(uploads.path_of(upload), model, is_face)
    except MienError as error:
        raise gr.Error(str(error), duration=None, print_exception=False) from error
    if not result.faces:
        gr.Info("No face was found in this picture.")
    return annotated, record, result


def read_several(
    given: list[dict] | None, model: str, is_face: bool = False
) -> tuple[list, list[dict], list[Result], Result | None]:
    """Read several pictures; of one that cannot be read the page and the JSON say why.

    Args:
        given: The gallery's items, as Gradio passes them: each holds a file under "image" or "video".
        model: Name of an installed model.
        is_face: Whether each picture is one face, in which none is searched for.

    Returns:
        The annotated pictures with captions; for each picture that was given, in its place, the readings as JSON, or
        the reason under "error"; what to show of the faces of each that was read, and of the first.
    """
    given = given or []
    pictures, records, results = [], [], []
    for each in given[:MOST_PICTURES]:
        upload = each.get("image") or each.get("video") or {}
        try:
            annotated, record, result = _read(uploads.path_of(upload), model, is_face)
        except (ImageError, UploadError) as error:
            name = uploads.name_of(upload)
            gr.Warning(f"{name}: {error}", duration=None)
            records.append({"picture": name, "model": model, "error": str(error)})
            continue
        except MienError as error:  # the next picture would fail in the same way
            raise gr.Error(str(error), duration=None, print_exception=False) from error
        pictures.append((annotated, f"{record['picture']}: {_counted(result)}"))
        records.append(record)
        results.append(result)
    if left := given[MOST_PICTURES:]:
        reason = f"Only the first {MOST_PICTURES} pictures are read here."
        gr.Warning(reason)
        names = (uploads.name_of(each.get("image") or each.get("video") or {}) for each in left)
        records += [{"picture": name, "model": model, "error": reason} for name in names]
    return pictures, records, results, next(iter(results), None)


def _read(path: Path, model: str, is_face: bool) -> tuple[np.ndarray, dict, Result]:
    picture, frame = read_frame(path, model, is_face)
    made_by = Provenance.of(recognizer(model).card, "crop" if is_face else "thorough")
    record = picture_record(path.name, frame, made_by)
    # Gradio would send an object with a key "path" as a file.
    record = {"picture": record.pop("path"), "model": model, **record}
    faces = tuple(
        (caption(number, reading), answers.probability_bars(reading))
        for number, reading in enumerate(frame.readings, start=1)
    )
    return annotate(picture, frame), record, Result(path, model, is_face, faces)


def _counted(result: Result) -> str:
    count = len(result.faces)
    return "no face" if not count else f"{count} face{'s' * (count > 1)}"
