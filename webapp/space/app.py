"""The Gradio Space: `python webapp/space/app.py`."""

import os
import sys
from functools import cache
from pathlib import Path

# Before Gradio is imported: it and the Hugging Face hub would otherwise report their use.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

# Python puts only this script's own folder on the path; `core` and `webapp` lie two above.
ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

import gradio as gr  # noqa: E402
import numpy as np  # noqa: E402
import plotly.graph_objects as go  # noqa: E402

from core.draw import annotate, caption  # noqa: E402
from core.errors import MienError  # noqa: E402
from core.images import MAX_BYTES, read_image  # noqa: E402
from core.recognizer import Recognizer  # noqa: E402
from core.sinks import picture_record  # noqa: E402
from webapp import charts  # noqa: E402

INTRODUCTION = """# Mien
Find every face in a picture and see which expression it shows, and how sure the model is."""

NOTICE = """An expression is not a feeling: the model names what a face looks like, and it is often wrong. In the EU,
inferring emotions at work or in education is prohibited (AI Act, Art. 5(1)(f)); where it is lawful, the people in the
picture must be told."""

THEME = gr.themes.Default(primary_hue="blue", secondary_hue="blue")

# Charts in the page's text colour, light or dark, and without a toolbar: there is nothing to zoom into.
CSS = """
.js-plotly-plot text { fill: var(--body-text-color) !important }
.modebar-container { display: none }
"""

Bars = list[tuple[str, go.Figure]]


def read(upload: dict | None) -> tuple[np.ndarray, dict, Bars]:
    """Read the expression of every face in a picture.

    Returns:
        The annotated picture, the readings as JSON, and a caption and a bar chart for each face.
    """
    if upload is None:
        raise gr.Error("Choose a picture first.", print_exception=False)
    path = Path(upload["path"])
    try:
        picture = read_image(path.read_bytes())
        frame = recognizer().read_frame(picture)
    except MienError as error:
        raise gr.Error(str(error), print_exception=False) from error
    if not frame.readings:
        gr.Info("No face was found in this picture.")
    record = picture_record(path.name, frame)
    del record["path"]  # the visitor knows it, and Gradio would take an object with a path for a file to send
    bars = [
        (caption(number, reading), charts.probability_bars(reading))
        for number, reading in enumerate(frame.readings, start=1)
    ]
    return annotate(picture, frame), record, bars


@cache
def recognizer() -> Recognizer:
    """The one that all visitors share."""
    return Recognizer()


def build() -> gr.Blocks:
    """Compose the page."""
    with gr.Blocks(title="Mien", analytics_enabled=False) as page:
        gr.Markdown(INTRODUCTION)
        bars = gr.State([])
        with gr.Row():
            with gr.Column():
                upload = gr.Image(sources=["upload", "clipboard"], type="filepath", label="Picture", height=420)
                button = gr.Button("Read", variant="primary")
            with gr.Column():
                annotated = gr.Image(label="Faces", format="png", buttons=["download", "fullscreen"], height=420)
        with gr.Row():
            gr.render(inputs=bars)(show_bars)
        with gr.Accordion("JSON", open=False):
            record = gr.JSON(show_label=False)
        gr.Markdown(NOTICE)
        # The engine decodes, not Gradio, so that every picture is read and refused in one way.
        gr.on(
            [button.click, upload.upload],
            read,
            upload,
            [annotated, record, bars],
            api_name="read",
            preprocess=False,
        )
    return page


def show_bars(bars: Bars) -> None:
    """The faces' probabilities, beside one another."""
    for text, figure in bars:
        with gr.Column(min_width=240):
            gr.Markdown(f"**{text}**")
            gr.Plot(figure, show_label=False, container=False)


if __name__ == "__main__":
    build().launch(
        theme=THEME,
        css=CSS,
        footer_links=["api"],
        max_file_size=MAX_BYTES,
        run_history=False,  # the browser would keep every picture it sent
        share=False,
    )
