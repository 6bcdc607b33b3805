"""The command that makes a shipped model anew."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.options import DatasetOption


def reproduce(
    model: Annotated[str, typer.Argument(help="flagship, flagship-tiny or ensemble.")],
    data: DatasetOption,
) -> None:
    """Make a shipped model anew from the dataset: its teachers, then itself, with the seeds it was made with.

    Every step is a command that is printed first and can be given by itself. What is interrupted goes on with the same
    command; what is there already is left out. On two cores it takes three to four hours.

    Example: python -m training reproduce flagship --data data/fer2013.parquet
    """
    from training import reproduction

    reproduction.reproduce(model, data, say=typer.echo)
