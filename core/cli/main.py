"""The engine's command line, `python -m core`, and `mien` where it was installed; and how any command line is run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ImageError, MienError, disk_trouble
from ..readings import Frame
from ..runtime.files import replacing
from . import video

if TYPE_CHECKING:
    import numpy as np

    from ..recognizer import Recognizer


def new_app() -> typer.Typer:
    """A command line without commands, with the settings that all of Mien's share."""
    return typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )


def run(commands: typer.Typer) -> None:
    """Run a command line on this process's arguments.

    A user's mistake and a disk's trouble are one sentence on stderr and exit code 2; other errors pass through.
    """
    try:
        commands()
    except (MienError, OSError) as error:
        sentence = str(error) if isinstance(error, MienError) else disk_trouble(error)
        if sentence is None:
            raise
        typer.echo(f"error: {sentence}", err=True)
        raise SystemExit(2) from None


app = new_app()

PICTURE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
"""Suffixes of the files that are read from a folder; a file that is named itself is always tried."""


class SearchOption(StrEnum):
    """How hard to search for faces."""

    thorough = "thorough"
    quick = "quick"


@app.callback()
def engine() -> None:
    """Read facial expressions from pictures. Nothing leaves this machine."""


@app.command()
def read(
    photos: Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line for each picture.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write a csv table with a row for each face.")] = None,
    save: Annotated[Path | None, typer.Option(help="Folder for the annotated pictures.")] = None,
    model: Annotated[str | None, typer.Option(help="Name of an installed model; the default one if not given.")] = None,
    search: Annotated[
        SearchOption, typer.Option(help="thorough finds every face; quick searches once, for large ones.")
    ] = SearchOption.thorough,
    baseline: video.BaselineOption = None,
) -> None:
    """Find the faces in pictures and read their expressions.

    A picture without a face is no error. One that cannot be read is named on stderr, the others are still read, and
    the exit code is 2.
    """
    from ..runtime.mediapipe_guard import native_logs_hidden

    with native_logs_hidden():
        from ..recognizer import Recognizer

        recognizer = Recognizer(model, search.value, baseline)
        unread: list[str] = []
        frames = _read_all(recognizer, list(_pictures(photos)), save, unread)
        if out:
            _write_table(frames, out, as_json)
        else:
            for path, frame in frames:
                _show(path, frame, as_json)
    if unread:
        raise typer.Exit(2)


@app.command()
def fetch() -> None:
    """Get the third-party model files onto this machine ahead of time, for use without a network."""
    from ..runtime.assets import fetch_all

    complete = True
    for fetched in fetch_all():
        complete &= fetched.path is not None or not fetched.asset.required
        typer.echo(f"{fetched.asset.name}: {fetched.note}", err=fetched.path is None)
    if not complete:
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Check that this machine can read pictures, and say what to do where it cannot."""
    from ..runtime.mediapipe_guard import native_logs_hidden
    from .doctor import examine

    healthy = True
    with native_logs_hidden():
        for check in examine():
            healthy &= check.ok
            typer.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.message}")
    if not healthy:
        raise typer.Exit(1)


app.command()(video.video)
app.command()(video.recover)


def _pictures(photos: Iterable[Path]) -> Iterator[Path]:
    for path in photos:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES)
        else:
            yield path


def _read_all(
    recognizer: Recognizer, paths: list[Path], save: Path | None, unread: list[str]
) -> Iterator[tuple[str, Frame]]:
    from ..images import read_image

    for path in paths:
        try:
            picture = read_image(path)
        except ImageError as error:
            typer.echo(f"error: {error}", err=True)
            unread.append(str(path))
            continue
        frame = recognizer.read_frame(picture)
        if save:
            _save_annotated(picture, frame, save, path)
        yield str(path), frame


def _save_annotated(picture: np.ndarray, frame: Frame, folder: Path, path: Path) -> None:
    from PIL import Image

    from ..output.draw import annotate

    target = folder / f"{path.stem}.png"
    number = 1
    while target.exists():  # two folders may each hold a 1.jpg, and an earlier result is not to be replaced
        number += 1
        target = folder / f"{path.stem}-{number}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(target) as partial:
            Image.fromarray(annotate(picture, frame)).save(partial, "PNG")
    except OSError as error:
        raise MienError(f"{target}: cannot be written ({error.strerror}); choose another --save") from None


def _write_table(frames: Iterable[tuple[str, Frame]], out: Path, as_json: bool) -> None:
    from ..output.table import write_csv

    def shown() -> Iterator[tuple[str, Frame]]:
        for path, frame in frames:
            _show(path, frame, as_json)
            yield path, frame

    try:
        with replacing(out) as partial, open(partial, "w", encoding="utf-8", newline="") as stream:
            write_csv(shown(), stream)
    except OSError as error:
        raise MienError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None


def _show(path: str, frame: Frame, as_json: bool) -> None:
    from ..output.table import picture_record

    record = picture_record(path, frame)
    if as_json:
        typer.echo(json.dumps(record))
        return
    faces = record["faces"]
    typer.echo(f"{path}  {frame.width}x{frame.height}  {len(faces)} face{'' if len(faces) == 1 else 's'}")
    for number, face in enumerate(faces, start=1):
        others = sorted(face["probabilities"].items(), key=lambda item: -item[1])[1:3]
        rest = ", ".join(f"{label} {value:.0%}" for label, value in others)
        doubt = "  (unsure)" if face["unsure"] else ""
        hints = f"  [{'; '.join(face['hints'])}]" if face["hints"] else ""
        typer.echo(f"  {number}  {face['label']:<9}{face['confidence']:>5.0%}  then {rest}{doubt}{hints}")


def main() -> None:
    """Run the engine's command line."""
    run(app)
