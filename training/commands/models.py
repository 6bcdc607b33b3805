"""Commands about the models that are installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.artifacts import installed


def models(
    write: Annotated[Path | None, typer.Option(help="A Markdown file whose table of models is to be renewed.")] = None,
) -> None:
    """List the installed models with their figures, as a Markdown table."""
    from training.results import models_table, write_between

    table = models_table(installed().values())
    if write:
        write_between(write, "models", table)
    else:
        typer.echo(table)
