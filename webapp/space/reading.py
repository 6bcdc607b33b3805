"""Pictures in, faces and labels out."""

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
from core.output.sinks import picture_record
from core.recognizer import Recognizer
from webapp.charts import answers
from webapp.space import uploads
from webapp.space.gradio_setup import gr

CORES = os.cpu_count() or 1


def choices() -> list[tuple[str, str]]:
    """What to show and the name of each installed model, the default first."""
    return [(_described(name), name) for name in installed.installed()]


@functools.cache
def recognizer(model: str) -> Recognizer:
    """The one that reads with this model.

    Raises:
        MienError: there is no such model, or a file that it needs cannot be had.
    """
    return Recognizer(model)


def _described(name: str) -> str:
    accuracy = installed.installed()[name].metrics.get("private_test", {}).get("accuracy")
    return name + (f" · {accuracy * 100:.0f} % right on FER2013" if accuracy else "")


MOST_PICTURES = 12


@dataclass(frozen=True, eq=False)  # Gradio tells a change by the hash, and figures have none
class Result:
    """What the page shows of one picture besides the picture.

    Attributes:
        path: Where the picture lies until it is deleted.
        model: That read it.
        faces: A caption and a bar chart for each face, from left to right.
    """

    path: Path
    model: str
    faces: tuple[tuple[str, go.Figure], ...]


def read(upload: dict | None, model: str) -> tuple[np.ndarray | None, dict | None, Result | None]:
    """Read the expression of every face in a picture.

    Args:
        upload: Gradio's file, as it came: the engine decodes it, so that every picture is refused in one way.
        model: Name of an installed model.

    Returns:
        The annotated picture, the readings as JSON, and what to show of the faces; nothing of nothing.
    """
    if upload is None:
        return None, None, None
    try:
        annotated, record, result = _read(uploads.path_of(upload), model)
    except MienError as error:
        raise gr.Error(str(error), duration=None, print_exception=False) from error
    if not result.faces:
        gr.Info("No face was found in this picture.")
    return annotated, record, result


def read_several(given: list[dict] | None, model: str) -> tuple[list, list[dict], list[Result], Result | None]:
    """Read several pictures; one that cannot be read is named and left out.

    Returns:
        The annotated pictures with captions, their readings as JSON, what to show of the faces of each, and the same
        of the first.
    """
    given = given or []
    if len(given) > MOST_PICTURES:
        gr.Warning(f"Only the first {MOST_PICTURES} pictures are read here.")
    pictures, records, results = [], [], []
    for each in given[:MOST_PICTURES]:
        try:
            path = uploads.path_of(each.get("image") or each["video"])
            annotated, record, result = _read(path, model)
        except ImageError as error:
            gr.Warning(f"{path.name}: {error}", duration=None)
            continue
        except MienError as error:  # not this picture's fault: the next one would fail in the same way
            raise gr.Error(str(error), duration=None, print_exception=False) from error
        pictures.append((annotated, f"{path.name}: {_counted(result)}"))
        records.append(record)
        results.append(result)
    return pictures, records, results, next(iter(results), None)


def _read(path: Path, model: str) -> tuple[np.ndarray, dict, Result]:
    picture = read_image(uploads.read(path))
    frame = recognizer(model).read_frame(picture)
    record = picture_record(path.name, frame)
    # Gradio would take an object with a path for a file to send.
    record = {"picture": record.pop("path"), "model": model, **record}
    faces = tuple(
        (caption(number, reading), answers.probability_bars(reading))
        for number, reading in enumerate(frame.readings, start=1)
    )
    return annotate(picture, frame), record, Result(path, model, faces)


def _counted(result: Result) -> str:
    count = len(result.faces)
    return "no face" if not count else f"{count} face{'s' * (count > 1)}"
