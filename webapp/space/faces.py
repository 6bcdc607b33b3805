"""The faces of a picture side by side, each with its bars and a button that explains the answer."""

import html
from functools import partial
from pathlib import Path

import numpy as np

from core.errors import MienError
from core.explain import explain, is_explained_by_pixels, marked, probability
from core.inference.artifact import Artifact
from webapp.charts.answers import explanation
from webapp.space import uploads
from webapp.space.gradio_setup import gr
from webapp.space.reading import CORES, Result, read_frame, recognizer

BOUND = {"concurrency_id": "why", "concurrency_limit": max(1, CORES // 2)}
"""Options of Gradio events that limit how many questions are answered at once; each takes a core for half a second."""


def why(path: Path, face: int, model: str, is_face: bool = False) -> tuple[np.ndarray | None, str]:
    """Explain the answer to one face of a picture.

    Args:
        path: Path of the picture, which is read again, because no face is kept after a reading.
        face: Number of the face, from 1, as on the annotated picture.
        model: Name of an installed model.
        is_face: Whether the whole picture is one face, in which none is searched for.

    Returns:
        uint8 RGBA: the face beside its saliency map, None for a model that sees no pixels; and an explanation in
        Markdown.

    Raises:
        gr.Error: There is no such face, or the picture cannot be read.
    """
    try:
        readings = read_frame(path, model, is_face)[1].readings
        if not 1 <= face <= len(readings):
            raise _sentence(f"There is no face {face}: {len(readings)} were found in this picture.")
        reading = readings[face - 1]
        return _map(recognizer(model).artifact, reading.face.crop, reading.label)
    except MienError as error:
        raise _sentence(str(error)) from error


def ask(picture: dict | None, face: int, model: str) -> tuple[np.ndarray | None, str]:
    """Explain what the answer to one face of a picture rests on.

    Args:
        picture: The file, as Gradio passes it.
        face: Number of the face, from 1.
        model: Name of an installed model.
    """
    if picture is None:
        raise _sentence("Give a picture first.")
    try:
        path = uploads.path_of(picture)
    except MienError as error:
        raise _sentence(str(error)) from error
    return why(path, int(face), model)


def _map(artifact: Artifact, crop: np.ndarray, label: str) -> tuple[np.ndarray | None, str]:
    if not is_explained_by_pixels(artifact.feature):
        return None, (
            f"{artifact.card.name} sees the positions of points of the face and not its pixels, so no map explains it: "
            "choose another model."
        )
    saliency = explain(artifact, crop, label)
    whole, without = (probability(artifact, crop, label, hidden) for hidden in (None, marked(saliency)))
    return explanation(crop, saliency), (
        f"The more orange a place is, the more **{label}** rests on it: with the outlined fifth of the face blurred, "
        f"its probability goes from {whole:.0%} to **{without:.0%}**."
    )


def _sentence(text: str) -> gr.Error:
    return gr.Error(text, duration=None, print_exception=False)


def show(result: Result | None) -> None:
    """Say whose faces these are, and show a card for each, side by side."""
    if not result:
        return
    name = html.escape(result.picture)
    gr.HTML(f"<h2>{'Faces in' if result.faces else 'No face was found in'} {name}</h2>", padding=False)
    with gr.Row():
        for number, (title, figure) in enumerate(result.faces, start=1):
            with gr.Column(min_width=240, elem_classes="face"):
                gr.HTML(title, padding=False)
                gr.Plot(figure, show_label=False, container=False)
                button = gr.Button(f"Why is face {number} read so?", size="sm")
                picture = gr.Image(visible=False, interactive=False, show_label=False, buttons=[], format="png")
                words = gr.Markdown(visible=False)
                button.click(
                    partial(_why, result, number),
                    None,
                    [picture, words],
                    api_visibility="private",
                    **BOUND,
                )


def _why(result: Result, number: int) -> tuple:
    picture, words = why(result.path, number, result.model, result.is_face)
    return gr.Image(picture, visible=picture is not None), gr.Markdown(words, visible=True)
