"""The command that makes one model of several."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import typer

from core.runtime import paths
from training.commands.options import DatasetOption


def ensemble(
    members: Annotated[list[str], typer.Argument(help="Names of installed models, two or more.")],
    data: DatasetOption,
    name: Annotated[str, typer.Option(help="Name to install it under.")] = "ensemble",
) -> None:
    """Make one model of several: all are asked, and each counts as much as it helps on PublicTest.

    Where a model finds no mesh, the others answer alone. The ensemble keeps copies of its members' files.

    Example: python -m training ensemble embedding-mlp mesh-svm --data data/fer2013.parquet
    """
    from training.ensemble import make_ensemble

    make_ensemble(
        members,
        data,
        paths.model_folders()[0] / name,
        command=shlex.join(["python", "-m", "training", *sys.argv[1:]]),
        say=typer.echo,
    )
