"""The Gradio Space: `python webapp/space/app.py`."""

import sys
from pathlib import Path

# Python puts only this script's own folder on the path; `core` and `webapp` lie two above.
ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from core.errors import MienError  # noqa: E402
from core.images import MAX_BYTES, PICTURE_SUFFIXES  # noqa: E402
from core.inference import installed  # noqa: E402
from webapp.space import faces, in_browser, reading, streaming, style, uploads  # noqa: E402
from webapp.space.gradio_setup import gr  # noqa: E402
from webapp.space.reading import CORES, Result, choices, recognizer  # noqa: E402

WAITING = 32
"""Length of the queue; visitors who come later are told to try again."""

# Events with the same id share a limit of how many run at once, of all visitors.
_AS_READING = {"concurrency_id": "read", "concurrency_limit": CORES}


def build() -> gr.Blocks:
    """Build the page."""
    with gr.Blocks(title="Mien", analytics_enabled=False) as page:
        gr.Markdown(style.INTRODUCTION)
        model = gr.Dropdown(choices(), value=installed.default_model(), label="Model", filterable=False)
        is_face = gr.Checkbox(
            False,
            label="Each picture is one face already",
            info="For pictures that were cut out before: the whole picture is read, and no face is searched for.",
        )
        with gr.Tab("Picture"):
            _picture(model, is_face)
        with gr.Tab("Several pictures"):
            _several(model, is_face)
        with gr.Tab("Webcam"):
            _webcam(model)
        gr.Markdown(style.NOTICE, elem_classes="small")
    return page.queue(max_size=WAITING, api_open=False)  # open, a plain request would pass the queue and all its limits


def _picture(model: gr.Dropdown, is_face: gr.Checkbox) -> None:
    result = gr.State(None)
    with gr.Row():
        with gr.Column():
            upload = gr.Image(
                sources=["upload", "clipboard", "webcam"],
                type="filepath",
                label="Picture",
                height=style.PICTURE_HEIGHT,
            )
            gr.Examples(style.paths(), upload, label="Samples")
            gr.Markdown(style.NOTE, elem_classes="small")
        with gr.Column():
            annotated = gr.Image(
                label="Annotated picture", format="png", buttons=["download", "fullscreen"], height=style.PICTURE_HEIGHT
            )
    gr.render(inputs=result)(faces.show)
    with gr.Accordion("JSON", open=False):
        record = gr.JSON(label="Readings", show_label=False)
    answer = [annotated, record, result]
    _endpoints(upload, model, answer)
    asked = gr.on(
        [upload.change, model.change, is_face.change],
        reading.read,
        [upload, model, is_face],
        answer,
        api_name="show",
        api_visibility="private",
        preprocess=False,
        **_AS_READING,
    )
    asked.failure(lambda: [None] * len(answer), None, answer, api_visibility="private")  # or the last result would stay


def _endpoints(upload: gr.Image, model: gr.Dropdown, answer: list) -> None:
    """Add the endpoints `read` and `why` for programs; their values stay when the page gets another control."""
    with gr.Column(visible=False):
        face = gr.Number(1, precision=0, label="Face")
        picture = gr.Image(label="Map", format="png")
        words = gr.Markdown(label="Explanation")
        button = gr.Button()
        button.click(
            faces.ask, [upload, face, model], [picture, words], api_name="why", preprocess=False, **faces.BOUND
        )
        button.click(reading.read, [upload, model], answer, api_name="read", preprocess=False, **_AS_READING)


def _several(model: gr.Dropdown, is_face: gr.Checkbox) -> None:
    results, result = gr.State([]), gr.State(None)
    with gr.Row():
        with gr.Column(min_width=320):
            given = gr.Gallery(
                sources=["upload", "clipboard"],
                file_types=["image", *sorted(PICTURE_SUFFIXES)],  # browsers know no type of some of them
                label="Pictures",
                interactive=True,
                **style.GALLERY,
            )
        with gr.Column(min_width=320):
            annotated = gr.Gallery(
                label="Annotated pictures",
                buttons=["download", "download_all", "fullscreen"],
                interactive=False,
                **style.GALLERY,
            )
    gr.render(inputs=result)(faces.show)
    with gr.Accordion("JSON", open=False):
        records = gr.JSON(label="Readings", show_label=False)
    gr.on(
        [given.change, model.change, is_face.change],
        reading.read_several,
        [given, model, is_face],
        [annotated, records, results, result],
        api_name="show_several",  # or it would take the endpoint's name
        api_visibility="private",
        preprocess=False,
        **_AS_READING,
    )
    with gr.Column(visible=False):
        gr.Button().click(
            reading.read_several,
            [given, model],
            [annotated, records, results, result],
            api_name="read_several",
            preprocess=False,
            **_AS_READING,
        )
    annotated.select(_chosen, results, result, api_visibility="private")


def _chosen(event: gr.SelectData, results: list[Result]) -> Result | None:
    return results[event.index] if event.index < len(results) else None


def _webcam(model: gr.Dropdown) -> None:
    with gr.Tabs():
        with gr.Tab(in_browser.HERE) as here:
            gr.Markdown(in_browser.SENTENCES[in_browser.HERE], elem_classes="small")
            here.visible = in_browser.show() is not None
        with gr.Tab(in_browser.SERVER):
            gr.Markdown(in_browser.SENTENCES[in_browser.SERVER], elem_classes="small")
            _webcam_of_server(model)


def _webcam_of_server(model: gr.Dropdown) -> None:
    session = gr.State(None, delete_callback=streaming.end)
    agreed = gr.Checkbox(label=style.CONSENT)
    with gr.Column(visible=False) as live:
        with gr.Column(elem_classes="watch"):
            screen = gr.HTML(elem_classes="screen")
            camera = gr.Image(
                sources=["webcam"],
                streaming=True,
                label="Webcam",
                height=style.PICTURE_HEIGHT,
                elem_classes="camera",
            )
        with gr.Row():
            places = []
            for _ in range(streaming.MOST_FACES):
                with gr.Column(min_width=240, elem_classes="face"):
                    places += [
                        gr.HTML(visible=False, padding=False),
                        gr.Plot(visible=False, show_label=False, container=False),
                    ]
    agreed.change(lambda yes: gr.Column(visible=yes), agreed, live, api_visibility="private")
    camera.stream(
        streaming.watch,
        [camera, session, model],
        [screen, session, *places],
        preprocess=False,
        show_progress="hidden",
        time_limit=streaming.TURN_S,
        stream_every=streaming.EVERY_S,
        concurrency_limit=streaming.AT_ONCE,
        api_visibility="private",
    )


def main() -> None:
    """Serve the page until it is stopped."""
    uploads.end_with_the_server()
    try:
        recognizer(installed.default_model())  # loaded before the first visitor waits for it
        page = build()
    except MienError as error:
        sys.exit(str(error))
    uploads.Sweeper().start()
    page.launch(
        theme=style.THEME,
        css=style.CSS,
        footer_links=["api"],
        max_file_size=MAX_BYTES,
        run_history=False,  # or the browser would keep every picture that it sent
        share=False,
        ssr_mode=False,  # SSR would be a second server, in Node
    )


if __name__ == "__main__":
    main()
