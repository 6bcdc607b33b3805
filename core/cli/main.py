"""The engine's command line, `python -m core`, and `mien` where it was installed; and how any command line is run."""

from __future__ import annotations

import io
import sys

import typer

from ..errors import MienError, disk_trouble
from . import read, sources, video


def new_app() -> typer.Typer:
    """A command line without commands, with the settings that all of Mien's share."""
    return typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )


def run(commands: typer.Typer) -> None:
    """Run a command line on this process's arguments.

    A user's mistake and a disk's trouble are one sentence on stderr and exit code 2; other errors pass through. What
    the screen has no character for is escaped.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        commands()
    except (MienError, OSError) as error:
        sentence = str(error) if isinstance(error, MienError) else disk_trouble(error)
        if sentence is None:
            raise
        sources.say_error(sentence)
        raise SystemExit(2) from None


app = new_app()


@app.callback()
def engine() -> None:
    """Read facial expressions from pictures. Nothing leaves this machine."""


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


app.command()(read.read)
app.command()(video.video)
app.command()(video.recover)


def main() -> None:
    """Run the engine's command line."""
    run(app)
