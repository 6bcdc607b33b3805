"""The faces of a picture beside one another, each with its bars and the way to ask why."""

from functools import partial

from webapp.space import why
from webapp.space.quiet import gr
from webapp.space.reading import Result


def show(result: Result | None) -> None:
    """A card for each face of a picture, beside one another."""
    with gr.Row():
        for number, (caption, figure) in enumerate(result.faces if result else (), start=1):
            with gr.Column(min_width=240, elem_classes="face"):
                gr.Markdown(f"**{caption}**")
                gr.Plot(figure, show_label=False, container=False)
                button = gr.Button("Why?", size="sm")
                picture = gr.Image(visible=False, interactive=False, show_label=False, buttons=[], format="png")
                words = gr.Markdown(visible=False)
                button.click(
                    partial(_why, result, number),
                    None,
                    [picture, words],
                    api_visibility="private",
                    **why.BOUND,
                )


def _why(result: Result, number: int) -> tuple:
    picture, words = why.why(result.path, number, result.model)
    return gr.Image(picture, visible=picture is not None), gr.Markdown(words, visible=True)
