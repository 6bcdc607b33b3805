"""The commands `video` and `recover`."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import MienError, SinkError, VideoError

if TYPE_CHECKING:
    from tqdm import tqdm

    from ..faces.finder import Search
    from ..output.summary import Summary
    from ..recognizer import Recognizer
    from ..video.clip import Clip

BaselineOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="Picture of a person at rest, to read that person's expressions as changes from it; may be repeated.",
        show_default=False,
    ),
]
"""The option `--baseline` of the commands `read` and `video`."""

_INTERRUPTED = 130  # exit code of a command that Ctrl-C ended, by convention


def video(
    clip: Annotated[Path, typer.Argument(help="The video file.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="Table with a row for each face and frame: .parquet, .csv, .jsonl or .xlsx.")
    ] = None,
    annotate: Annotated[Path | None, typer.Option(help="The video with its faces marked, as .mp4.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Read every n-th picture only.")] = 1,
    start: Annotated[float, typer.Option("--from", min=0, help="Begin at this second.")] = 0.0,
    end: Annotated[
        float | None, typer.Option("--to", min=0, help="End before this second.", show_default="the end")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of an installed model; the default one if not given.")] = None,
    search: Annotated[
        Literal["quick", "thorough"],
        typer.Option(help="quick follows faces from picture to picture; thorough searches each one for small faces."),
    ] = "quick",
    raw: Annotated[bool, typer.Option("--raw", help="Add what each picture says by itself, not smoothed.")] = False,
    baseline: BaselineOption = None,
) -> None:
    """Read the expressions in a video.

    Times are the video's own, in seconds after its first picture. Of a file that breaks off, the readable part is
    read and the exit code is 2. Ctrl-C ends early and keeps what was read.
    """
    from ..runtime.mediapipe_guard import native_logs_hidden

    _check_targets(clip, out, annotate)
    with native_logs_hidden():
        from ..recognizer import Recognizer
        from ..video.clip import Clip

        source = Clip(clip, every, start, end)
        recognizer = Recognizer(model, baseline=baseline)
        began = time.monotonic()
        summary, interrupted = _read(source, out, annotate, recognizer, search, raw)
        _show(source, summary, time.monotonic() - began)
    if interrupted:
        typer.echo(
            f"stopped: {'what was read so far is kept' if out or annotate else 'nothing was to be kept'}", err=True
        )
        raise typer.Exit(_INTERRUPTED)
    if source.problem:
        typer.echo(f"error: {source.problem}", err=True)
        raise typer.Exit(2)


def recover(
    path: Annotated[Path, typer.Argument(help="The --out of the run that was killed.", show_default=False)],
) -> None:
    """Make the table that a killed run of `video` was to write, of the finished parts that it left."""
    from ..output.sinks import merge

    target = path.with_name(path.name.removesuffix(".parts"))
    if target.suffix.lower() in (".csv", ".jsonl"):
        raise SinkError(f"{target}: needs no recovery, for its rows were written one by one")
    written, rows = merge(target)
    typer.echo(f"{written}: {rows:,} rows recovered")


def _check_targets(clip: Path, out: Path | None, annotate: Path | None) -> None:
    """Refuse what would fail, or destroy the clip, after hours of reading."""
    if annotate and annotate.suffix.lower() != ".mp4":
        raise VideoError(f"{annotate}: the annotated video is an MP4, so the name must end in .mp4")
    for target in filter(None, (out, annotate)):
        if not target.absolute().parent.is_dir():
            raise MienError(f"{target}: there is no such folder")
        if target.exists() and clip.exists() and target.samefile(clip):
            raise VideoError(f"{target}: is the clip itself; choose another name")


def _read(
    source: Clip, out: Path | None, annotate: Path | None, recognizer: Recognizer, search: Search, raw: bool
) -> tuple[Summary, bool]:
    """Read the clip and write what is wanted of it; a summary, and whether Ctrl-C ended it early."""
    from ..output import draw
    from ..output.sinks import open_sink
    from ..output.summary import Summary
    from ..output.table import columns_for, shown_label
    from ..streams.session import Session
    from ..video.writer import VideoWriter

    summary = Summary()
    with contextlib.ExitStack() as stack:
        stop = stack.enter_context(_interrupts())
        sink = stack.enter_context(open_sink(out, columns_for(recognizer.card, raw))) if out else None
        writer = stack.enter_context(VideoWriter(annotate, source.info.rate / source.every_n)) if annotate else None
        session = stack.enter_context(Session(recognizer, search=search))
        bar = stack.enter_context(_progress(source.span_s))
        for picture, frame in source.read(session):
            if sink:
                sink.write(frame)
            if writer:
                writer.write(draw.annotate(picture, frame), frame.time_s)
            summary.add(frame.time_s, {reading.number: shown_label(reading) for reading in frame.readings})
            bar.update(frame.time_s - source.from_s - bar.n)
            if stop.is_set():
                break
    return summary, stop.is_set()


def _progress(span_s: float | None) -> tqdm:
    """A progress bar in seconds of the clip, on a terminal only."""
    from tqdm import tqdm

    known = "{percentage:3.0f}% |{bar}| {n:.1f} of {total:.1f} s, {remaining} left"
    unknown = "{n:.1f} s of the clip read in {elapsed}"
    return tqdm(total=span_s, disable=None, leave=False, bar_format=unknown if span_s is None else known)


@contextlib.contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Set an event on Ctrl-C instead of stopping in the middle of a picture; a second Ctrl-C stops at once."""
    stop = threading.Event()

    def ask(*_) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _show(source: Clip, summary: Summary, took_s: float) -> None:
    faces = summary.faces()
    speed = f"{summary.frames / took_s:.0f} a second" if took_s > 0 else "at once"
    typer.echo(
        f"{source.path}  {source.info.width}x{source.info.height}  {summary.frames:,} frames ({speed})  "
        f"{len(faces)} face{'' if len(faces) == 1 else 's'}"
    )
    for face in faces:
        shares = ", ".join(f"{label} {share:.0%}" for label, share in face.shares.items() if share >= 0.005)
        changes = f"{face.changes_a_minute:.0f} changes a minute"
        typer.echo(f"  {face.face}  {face.seconds:6.1f} s  {shares}  ({changes})")
