"""What the commands `read` and `video` share: their options, what they read, where they write, and Ctrl-C."""

from __future__ import annotations

import contextlib
import copy
import functools
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import MienError
from ..runtime.files import keep_inputs
from ..runtime.listing import Listing, as_text
from ..runtime.processes import is_worker

if TYPE_CHECKING:
    from ..corrections import Baseline
    from ..faces.finder import Search
    from ..recognizer import Recognizer

BaselineOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="Picture of a person at rest, to read that person's expressions as changes from it; may be repeated.",
        show_default=False,
    ),
]
"""The option `--baseline` of the commands `read` and `video`."""

JobsOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Number of processes; where there is much to read, one for each core.",
        show_default=False,
    ),
]
"""The option `--jobs` of the commands `read` and `video`."""

MeshOption = Annotated[
    bool, typer.Option("--mesh", help="Add how each head is turned, in degrees, and the 52 movements of its face.")
]
"""The option `--mesh` of the commands `read` and `video`."""

DaskOption = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Read on the workers of this Dask scheduler instead.", show_default=False),
]
"""The option `--dask` of the commands `read` and `video`."""


def at_rest(baseline: Iterable[Path] | None) -> str | None:
    """What the provenance says of the pictures that `--baseline` names."""
    return f"of {', '.join(as_text(path.name) for path in baseline)}" if baseline else None


def warn_of(recognizer: Recognizer) -> None:
    """Say on stderr if the face given as neutral clearly shows something else, or a mesh comes without movements."""
    if recognizer.mesh and not recognizer.mesh.movements:
        typer.echo(
            "warning: the mesh of 468 points that is on this machine gives no movements, only how heads are turned; "
            "they need face_landmarker.task",
            err=True,
        )
    if recognizer.baseline and (doubt := recognizer.baseline.doubt):
        typer.echo(
            f"warning: the face given as neutral reads {doubt.words}; every other face is read as a change from it, "
            "so give a picture of the person at rest",
            err=True,
        )


STDIN = Path("-")
"""The name that stands for standard input; a file of that name is called `./-`."""


def gather(named: Sequence[Path], kind: str, listed: Callable[[Path], Listing]) -> tuple[list[Path], bool]:
    """The files that people named, and those in the folders that they named.

    What was passed over in a folder is told on stderr, and so is a folder in which there is nothing to read.

    Args:
        named: Files and folders. A file is taken whatever its name.
        kind: Kind of the files, such as "pictures", for what is told.
        listed: Lists a folder.

    Returns:
        The files, in order; and whether every folder held some.
    """
    files: list[Path] = []
    complete = True
    for path in named:
        if not path.is_dir():
            files.append(path)
            continue
        try:
            listing = listed(path)
        except MienError as error:
            say_error(error)
            complete = False
            continue
        files += listing.wanted
        if not listing.wanted:
            say_error(f"{path}: no {kind} in it" + (f"; {listing}" if listing.passed_over else ""))
            complete = False
        elif listing.passed_over:
            typer.echo(f"{as_text(path)}: {as_text(str(listing))}", err=True)
    return files, complete


def check_targets(targets: Iterable[Path | None], inputs: Iterable[Path]) -> None:
    """Refuse targets that could not be written after hours of reading, or that would destroy what is read.

    Args:
        targets: Files that the command is to write; None is left out.
        inputs: Files that the command reads.

    Raises:
        MienError: A target is an input or a folder, or its folder is not there.
    """
    targets = [target for target in targets if target]
    for target in targets:
        if not target.absolute().parent.is_dir():
            raise MienError(f"{target}: cannot be written, for there is no such folder; choose another name")
        if target.is_dir():
            raise MienError(f"{target}: cannot be written, for it is a folder; choose another name")
    keep_inputs(targets, inputs)


def free_name(folder: Path, stem: str, suffix: str, taken: Collection[Path] = ()) -> Path:
    """A path in a folder under which there is nothing: two sources may both hold a `1.jpg`, and none is replaced.

    Args:
        folder: The folder, which need not be there.
        stem: The name that is wanted, without suffix.
        suffix: Suffix of the name.
        taken: Paths that are promised already.
    """
    while len(os.fsencode(stem)) > 200:  # of 255: the number, the suffix and a temporary name need room
        stem = stem[:-1]
    target = folder / f"{stem}{suffix}"
    number = 1
    while target in taken or target.exists():
        number += 1
        target = folder / f"{stem}-{number}{suffix}"
    return target


def check_folder(folder: Path | None, option: str) -> None:
    """Refuse a folder to write to that is a file.

    Args:
        folder: The folder, which need not be there; None for none.
        option: The option that names it, for the error.
    """
    if folder and folder.exists() and not folder.is_dir():
        raise MienError(f"{folder}: cannot be written, for it is a file; choose another {option}")


def recognizer(model: str | None, search: Search, baseline: Baseline | None, mesh: bool = False) -> Recognizer:
    """A recognizer; this process loads a model once and keeps the last one."""
    reader = copy.copy(_loaded(model, search, mesh))
    reader.baseline = baseline
    return reader


@functools.lru_cache(maxsize=1)
def _loaded(model: str | None, search: Search, mesh: bool) -> Recognizer:
    from ..recognizer import Recognizer

    return Recognizer(model, search, mesh=mesh, **({"cores": 1} if is_worker() else {}))


def stopped(kept: bool) -> typer.Exit:
    """Tell that Ctrl-C ended the command, and whether anything was kept; returns the exception that ends it."""
    typer.echo(f"stopped: {'what was read so far is kept' if kept else 'nothing was to be kept'}", err=True)
    return typer.Exit(130)  # by convention


def say_error(error: object) -> None:
    """Print an error on stderr while the command goes on."""
    typer.echo(f"error: {as_text(str(error))}", err=True)


@contextlib.contextmanager
def interrupts() -> Iterator[threading.Event]:
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
