"""The commands `video` and `recover`."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import SinkError, VideoError
from ..output.summary import FaceSummary, Summary
from ..runtime.listing import as_text
from ..runtime.processes import in_order, is_possible
from . import sources
from .sources import BaselineOption, DaskOption, JobsOption, MeshOption

if TYPE_CHECKING:
    from tqdm import tqdm

    from ..corrections import Baseline
    from ..faces.finder import Search
    from ..output.provenance import Provenance
    from ..output.sinks import Sink
    from ..output.table import Row


def video(
    clips: Annotated[list[Path], typer.Argument(help="Video files, or folders of them.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="Table with a row for each face and frame: .parquet, .csv, .jsonl or .xlsx.")
    ] = None,
    every_row: Annotated[
        bool, typer.Option("--every-row", help="A row in the table for each frame without a face, too.")
    ] = False,
    annotate: Annotated[
        Path | None, typer.Option(help="The video with its faces marked, as .mp4; a folder for those of several.")
    ] = None,
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
    mesh: MeshOption = False,
    jobs: JobsOption = None,
    dask: DaskOption = None,
) -> None:
    """Read the expressions in videos.

    Times are the video's own, in seconds after its first picture. Of a file that breaks off, the readable part is
    read and the exit code is 2. Ctrl-C ends early and keeps what was read.

    Several clips, or those in a folder, go into one table, whose first column says of which clip a row is. A clip that
    cannot be read is named, and the others are read. They are read side by side, each in a process of its own, and
    written one after the other; then Ctrl-C keeps the clips that are done.

    With --dask, the workers need Mien, the models and the clips at the same place.
    """
    from ..output.sinks import check_name
    from ..runtime.mediapipe_guard import native_logs_hidden
    from ..video.clip import Clip, clips_in

    several = len(clips) > 1 or clips[0].is_dir()
    if out:
        check_name(out)
    if several:
        sources.check_folder(annotate, "--annotate")
        if annotate and annotate.suffix.lower() == ".mp4":
            raise VideoError(f"{annotate}: of several clips, the annotated ones go into a folder; name one")
    elif annotate and annotate.suffix.lower() != ".mp4":
        raise VideoError(f"{annotate}: the annotated video is an MP4, so the name must end in .mp4")
    paths, complete = sources.gather(clips, "clips", clips_in)
    if not paths:
        raise typer.Exit(2)
    sources.check_targets([out, None if several else annotate], [*paths, *(baseline or ())])
    if not several:
        Clip(paths[0], every, start, end)  # or the error would come after the table was begun
    if jobs is None and not is_possible():
        jobs = 1
    apart = len(paths) > 1 and (dask is not None or jobs != 1)
    with native_logs_hidden(), contextlib.ExitStack() as stack:
        from ..output.provenance import Provenance
        from ..output.sinks import open_sink
        from ..output.table import CLIP_COLUMNS, COLUMNS, columns_for
        from ..streams.session import SessionOptions

        recognizer = sources.recognizer(model, "thorough", None, mesh).with_baseline(baseline)
        sources.warn_of(recognizer)
        movements = recognizer.mesh.movements if recognizer.mesh else ()
        first = CLIP_COLUMNS if several else COLUMNS
        columns = columns_for(recognizer.card, raw, blendshapes=movements, start=first, pose=mesh) if out else ()
        made_by = Provenance.of(
            recognizer.card,
            search,
            baseline=sources.at_rest(baseline),
            smoothing_s=SessionOptions.smoothing_s,
            clip={"name": None if several else as_text(paths[0].name), "every_n": every, "from_s": start, "to_s": end},
        )
        task = _Task(
            paths[0], None, every, start, end, model, search, recognizer.baseline, mesh, columns, every_row, made_by
        )
        marked = _targets(annotate, paths) if several and annotate else [annotate] * len(paths)
        tasks = [replace(task, clip=path, annotate=target) for path, target in zip(paths, marked, strict=True)]
        sink = stack.enter_context(open_sink(out, columns, made_by)) if out else None
        stop = threading.Event() if apart else stack.enter_context(sources.interrupts())
        results = in_order(_read_apart, tasks, jobs, dask) if apart else (_read(task, sink, stop) for task in tasks)
        stack.enter_context(contextlib.closing(results))
        try:
            for path, result in zip(paths, results, strict=True):
                for rows in result.batches():
                    sink.write_rows(rows)
                complete &= _show(path, result)
                if stop.is_set():
                    break
        except KeyboardInterrupt:
            stop.set()
    if stop.is_set():
        raise sources.stopped(kept=bool(out or annotate))
    if not complete:
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


@dataclass(frozen=True)
class _Task:
    """A clip to read, perhaps in another process: all that it needs comes with it but the clip.

    The rows have these columns; without columns, there are none.
    """

    clip: Path
    annotate: Path | None
    every: int
    start: float
    end: float | None
    model: str | None
    search: Search
    baseline: Baseline | None
    mesh: bool
    columns: tuple[str, ...]
    every_row: bool
    made_by: Provenance


@dataclass
class _Result:
    """What is told of a clip that was read, or the reason why it could not be; and its rows, if they are not written.

    The rows are a Parquet file: those of an hour are some megabytes, and as objects they would fill the memory.
    """

    size: tuple[int, int] = (0, 0)
    frames: int = 0
    faces: list[FaceSummary] = field(default_factory=list)
    seconds: float = 0.0
    problem: str | None = None
    is_read: bool = False
    parquet: bytes = field(default=b"", repr=False)

    def batches(self) -> Iterator[list[Row]]:
        """The rows, some at a time."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self.parquet:
            for batch in pq.ParquetFile(pa.BufferReader(self.parquet)).iter_batches():
                yield batch.to_pylist()


def _read_apart(task: _Task) -> _Result:
    """Read a clip in a process of its own, which hands back the rows."""
    from ..output.sinks import open_sink

    if not task.columns:
        return _read(task, None, threading.Event())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        with open_sink(path, task.columns) as sink:
            result = _read(task, sink, threading.Event())
        return replace(result, parquet=path.read_bytes())


def _read(task: _Task, sink: Sink | None, stop: threading.Event) -> _Result:
    """Read a clip, or what comes of it before the event, and write what is wanted of it."""
    from ..output import draw
    from ..output.table import frame_rows, shown_label
    from ..streams.session import Session, SessionOptions
    from ..video.clip import Clip
    from ..video.writer import VideoWriter

    summary, began = Summary(), time.monotonic()
    recognizer = sources.recognizer(task.model, "thorough", task.baseline)
    try:
        source = Clip(task.clip, task.every, task.start, task.end)
        with contextlib.ExitStack() as stack:
            writer = None
            if task.annotate:
                rate = source.info.rate / source.every_n
                writer = stack.enter_context(VideoWriter(task.annotate, rate, task.clip, task.made_by))
            options = SessionOptions(mesh=task.mesh)
            session = stack.enter_context(Session(recognizer, options, search=task.search))
            bar = stack.enter_context(_progress(source.span_s))
            for picture, frame in source.read(session):
                if sink:
                    sink.write_rows(frame_rows(frame, task.columns, path=task.clip, every_row=task.every_row))
                if writer:
                    writer.write(draw.annotate(picture, frame), frame.time_s)
                summary.add(frame.time_s, {reading.number: shown_label(reading) for reading in frame.readings})
                bar.update(frame.time_s - source.from_s - bar.n)
                if stop.is_set():
                    break
    except VideoError as error:
        return _Result(problem=str(error))
    size, seconds = (source.info.width, source.info.height), time.monotonic() - began
    problem = "; ".join(filter(None, (source.problem, writer and writer.problem))) or None
    return _Result(size, summary.frames, summary.faces(), seconds, problem, is_read=True)


def _targets(folder: Path, clips: Sequence[Path]) -> list[Path]:
    """A path in the folder for each annotated clip."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VideoError(f"{folder}: cannot be written ({error.strerror}); choose another --annotate") from None
    targets: list[Path] = []
    for clip in clips:
        targets.append(sources.free_name(folder, clip.stem, ".mp4", targets))
    return targets


def _progress(span_s: float | None) -> tqdm:
    """A progress bar in seconds of the clip, on a terminal only."""
    from tqdm import tqdm

    known = "{percentage:3.0f}% |{bar}| {n:.1f} of {total:.1f} s, {remaining} left"
    unknown = "{n:.1f} s of the clip read in {elapsed}"
    return tqdm(total=span_s, disable=None, leave=False, bar_format=unknown if span_s is None else known)


def _show(path: Path, result: _Result) -> bool:
    """Tell what was read of a clip; whether that is all of it."""
    if result.is_read:
        speed = f"{result.frames / result.seconds:.0f} a second" if result.seconds > 0 else "at once"
        count = len(result.faces)
        width, height = result.size
        typer.echo(
            f"{as_text(path)}  {width}x{height}  {result.frames:,} frames ({speed})  "
            f"{count} face{'' if count == 1 else 's'}"
        )
        for face in result.faces:
            shares = ", ".join(f"{label} {share:.0%}" for label, share in face.shares.items() if share >= 0.005)
            changes = f"{face.changes_a_minute:.0f} changes a minute"
            typer.echo(f"  {face.face}  {face.seconds:6.1f} s  {shares}  ({changes})")
    if result.problem:
        sources.say_error(result.problem)
    return result.problem is None
