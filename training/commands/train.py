"""Commands that train."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.artifacts import model_folders
from core.models import get_recipe, recipes
from training.commands.options import DatasetOption
from training.settings import parse_settings


def train(
    recipe: Annotated[str, typer.Argument(help=f"One of: {', '.join(recipes())}.")],
    data: DatasetOption,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, as name=value; repeatable.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the artifact; the recipe's if not given.")] = None,
    run: Annotated[Path | None, typer.Option(help="Folder for checkpoints; runs/NAME if not given.")] = None,
    seed: Annotated[int, typer.Option(help="Of the weights, the order and the jitter.")] = 0,
    precision: Annotated[
        str, typer.Option(help="float32, or mixed_bfloat16: faster where the processor has AVX512-BF16.")
    ] = "float32",
) -> None:
    """Train a recipe on the Training split and install the result under models/.

    The best epoch and the calibration are chosen on PublicTest; PrivateTest is not touched. A run that was interrupted
    goes on from its last whole epoch when the same command is given again.
    """
    from training.train import train as run_training

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    chosen = get_recipe(recipe)
    name = name or chosen.name
    run_training(
        chosen,
        parse_settings(chosen.settings, assignments or ()),
        data,
        run or Path("runs") / name,
        model_folders()[0] / name,
        seed=seed,
        precision=precision,
        command=shlex.join(["python", "-m", "training", *sys.argv[1:]]),
        say=typer.echo,
    )
