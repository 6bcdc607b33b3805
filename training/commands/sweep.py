"""The command that searches over settings."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.recipes import get_recipe
from core.runtime import paths
from training.commands.options import DatasetOption
from training.commands.train import (
    PrecisionOption,
    PresetOption,
    RecipeArgument,
    SeedOption,
    model_name,
    quiet_tensorflow,
)
from training.errors import TrainingError


def sweep(
    recipe: RecipeArgument,
    data: DatasetOption,
    choices: Annotated[
        list[str], typer.Option("--set", help="name=a,b,c: the values to try; name=a sets one for all. Repeatable.")
    ],
    preset: PresetOption = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Draw so many of the combinations at random; all if not given.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the sweep; the recipe's name if not given.")] = None,
    seed: SeedOption = 0,
    precision: PrecisionOption = "float32",
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Stop by then; the same command goes on another time.")
    ] = None,
    install: Annotated[
        str | None, typer.Option(help="Install the best trial under this name; else the command for it is printed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the trials as JSON, the best first.")] = False,
) -> None:
    """Search over a recipe's settings: train with each combination, and rank them on PublicTest.

    Every trial is a run with a folder of its own under runs/sweep-NAME and a run in MLflow below the sweep's. Finished
    trials are not repeated: after a kill, or with more values, the same command goes on. What comes out is a table by
    the accuracy of the best epoch on PublicTest without copies, on faces found. PrivateTest is not touched.

    Example: python -m training sweep quick --data data/fer2013.parquet --set learning_rate=0.0005,0.0015,0.003
    --set dropout=0.1,0.3 --set epochs=8 --trials 4
    """
    chosen = get_recipe(recipe)
    name = model_name(name or chosen.name)
    target = model_name(install) if install else f"{chosen.name}-best"
    quiet_tensorflow()
    from training.sweep import sweep as run_sweep

    command = shlex.join(["python", "-m", "training", *sys.argv[1:]])
    ranked = run_sweep(
        chosen,
        data,
        choices,
        Path("runs") / f"sweep-{name}",
        preset=preset,
        trials=trials,
        seed=seed,
        precision=precision,
        minutes=minutes,
        command=command,
        say=lambda line: typer.echo(line, err=as_json),
    )
    typer.echo(json.dumps([asdict(trial) for trial in ranked], default=str, indent=2) if as_json else _table(ranked))
    if not ranked or ranked[0].accuracy is None:
        raise TrainingError(
            f"no trial of the sweep {name!r} has a result; see the errors above or give it more --minutes"
        )
    if install:
        from training.train import adopt

        adopt(chosen, data, ranked[0].folder, paths.model_folders()[0] / target, command=command, say=typer.echo)
    else:
        best = ["python", "-m", "training", "train", chosen.name, "--data", str(data)]
        best += ["--adopt", str(ranked[0].folder), "--name", target]
        typer.echo(f"install the best: {shlex.join(best)}", err=as_json)


def _table(ranked) -> str:
    lines = ["PublicTest  epochs  seconds  settings"]
    for trial in ranked:
        figure = "failed" if trial.accuracy is None else f"{trial.accuracy:.2%}"
        told = " ".join(trial.assignments) + (f"  ({trial.error})" if trial.error else "")
        lines.append(f"{figure:>10}  {trial.epochs:>6}  {trial.seconds:>7.0f}  {told}")
    return "\n".join(lines)
