"""The command `read`: pictures in; lines, tables and annotated pictures out."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ImageError, MienError
from ..readings import Frame
from ..runtime.files import write_whole
from ..runtime.processes import in_order, is_possible
from . import sources
from .sources import BaselineOption, DaskOption, JobsOption, MeshOption

if TYPE_CHECKING:
    from ..corrections import Baseline
    from ..faces.finder import Search
    from ..output.provenance import Provenance

_MANY = 64  # pictures from which on it pays to start processes, each of which takes a second or two to load the model


class SearchOption(StrEnum):
    """How to search for faces."""

    thorough = "thorough"
    quick = "quick"
    crop = "crop"


def read(
    photos: Annotated[
        list[Path], typer.Argument(help="Pictures, or folders of pictures; - for standard input.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line for each picture.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Table with a row for each face: .csv, .jsonl, .parquet or .xlsx.")
    ] = None,
    every_row: Annotated[
        bool, typer.Option("--every-row", help="A row in the table for each picture without a face, too.")
    ] = False,
    save: Annotated[Path | None, typer.Option(help="Folder for the annotated pictures.")] = None,
    model: Annotated[str | None, typer.Option(help="Name of an installed model; the default one if not given.")] = None,
    search: Annotated[
        SearchOption,
        typer.Option(
            help="thorough finds every face; quick searches once, for large ones; crop takes each picture for one face."
        ),
    ] = SearchOption.thorough,
    baseline: BaselineOption = None,
    mesh: MeshOption = False,
    jobs: JobsOption = None,
    dask: DaskOption = None,
) -> None:
    """Find the faces in pictures and read their expressions.

    Of a folder all pictures are read, also those in folders below it; what is no picture is named on stderr. A picture
    without a face is no error. One that cannot be read is named on stderr, the others are still read, and the exit code
    is 2. Ctrl-C ends early and keeps what was read.

    With --dask, the workers need Mien and the models at the same place, but not the pictures.
    """
    from ..images import pictures_in
    from ..output.sinks import check_name
    from ..runtime.mediapipe_guard import native_logs_hidden

    if out:
        check_name(out)
    pictures, complete = sources.gather(photos, "pictures", pictures_in)
    if not pictures:
        raise typer.Exit(2)
    sources.check_targets([out], [*pictures, *(baseline or ())])
    sources.check_folder(save, "--save")
    if jobs is None and (len(pictures) < _MANY or not is_possible()):
        jobs = 1
    with native_logs_hidden(), contextlib.ExitStack() as stack:
        from ..output.provenance import Provenance
        from ..output.sinks import open_sink
        from ..output.table import FACE_COLUMNS, columns_for, frame_rows

        recognizer = sources.recognizer(model, search.value, None, mesh).with_baseline(baseline)
        sources.warn_of(recognizer)
        movements = recognizer.mesh.movements if recognizer.mesh else ()
        columns = columns_for(recognizer.card, blendshapes=movements, start=FACE_COLUMNS, pose=mesh)
        made_by = Provenance.of(recognizer.card, search.value, baseline=sources.at_rest(baseline))
        tasks = (
            _Task(str(path), _bytes_of(path), model, search.value, recognizer.baseline, mesh, made_by if save else None)
            for path in pictures
        )
        sink = stack.enter_context(open_sink(out, columns, made_by)) if out else None
        stop = stack.enter_context(sources.interrupts())
        answers = stack.enter_context(contextlib.closing(in_order(_answer, tasks, jobs, dask)))
        for path, answer in zip(pictures, answers, strict=True):
            if isinstance(answer.frame, ImageError):
                sources.say_error(answer.frame)
                complete = False
            else:
                if answer.annotated:
                    _save(answer.annotated, save, path)
                if sink:
                    sink.write_rows(frame_rows(answer.frame, columns, path=path, every_row=every_row))
                _show(path, answer.frame, as_json, made_by)
            if stop.is_set():
                break
    if stop.is_set():
        raise sources.stopped(kept=bool(out or save))
    if not complete:
        raise typer.Exit(2)


@dataclass(frozen=True)
class _Task:
    """A picture to read, perhaps in another process or on another machine: all that it needs comes with it.

    It is annotated where it says what is to be noted in the file.
    """

    where: str
    data: bytes | ImageError = field(repr=False)
    model: str | None
    search: Search
    baseline: Baseline | None
    mesh: bool
    annotated: Provenance | None


@dataclass(frozen=True)
class _Answer:
    """What was read of a picture, or why nothing was; and the annotated one as a PNG file where it is wanted."""

    frame: Frame | ImageError
    annotated: bytes = field(default=b"", repr=False)


def _answer(task: _Task) -> _Answer:
    from ..images import decode

    if isinstance(task.data, ImageError):
        return _Answer(task.data)
    try:
        picture = decode(task.data, task.where)
    except ImageError as error:
        return _Answer(error)
    frame = sources.recognizer(task.model, task.search, task.baseline, task.mesh).read_frame(picture)
    if not task.annotated:
        return _Answer(frame)
    from ..output.draw import annotated_png

    return _Answer(frame, annotated_png(picture, frame, task.annotated))


def _bytes_of(path: Path) -> bytes | ImageError:
    from ..images import MAX_BYTES, file_bytes

    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1) if path == sources.STDIN else file_bytes(path)
    except ImageError as error:
        return error


def _save(png: bytes, folder: Path, path: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = sources.free_name(folder, "stdin" if path == sources.STDIN else path.stem, ".png")
        write_whole(target, png)
    except OSError as error:
        raise MienError(f"{folder}: cannot be written ({error.strerror}); choose another --save") from None


def _show(path: Path, frame: Frame, as_json: bool, made_by: Provenance) -> None:
    from ..output.table import picture_record

    if as_json:
        typer.echo(json.dumps(picture_record(path, frame, made_by)))
        return
    record = picture_record(path, frame)
    faces = record["faces"]
    typer.echo(f"{record['path']}  {frame.width}x{frame.height}  {len(faces)} face{'' if len(faces) == 1 else 's'}")
    for face in faces:
        ranked = [f"{label} {value:.0%}" for label, value in sorted(face["probabilities"].items(), key=_by_value)[:3]]
        first, *others = ranked
        says = f"unsure, perhaps {first}" if face["unsure"] else first
        hints = f"  [{'; '.join(face['hints'])}]" if face["hints"] else ""
        typer.echo(f"  {face['face']}  {says:<14}  then {', '.join(others)}{hints}")


def _by_value(item: tuple[str, float]) -> float:
    return -item[1]
