"""Commands that train: `train` and `sweep`."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import typer

from core.recipes import Recipe, get_recipe, recipes
from core.runtime import paths
from training.commands.options import (
    DatasetOption,
    EmbedderOption,
    embedding_of,
    set_up_tensorflow,
    this_command,
)
from training.errors import TrainingError

RecipeArgument = Annotated[str, typer.Argument(help=f"One of: {', '.join(recipes())}.")]
PresetOption = Annotated[
    str | None, typer.Option(help="Named settings, which --set may change further; seed: those of the publication.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of the first weights, the order of images and their jitter.")]
PrecisionOption = Annotated[
    str, typer.Option(help="float32, or mixed_bfloat16: faster where the processor has AVX512-BF16.")
]


def train(
    recipe: RecipeArgument,
    data: DatasetOption,
    assignments: Annotated[list[str] | None, typer.Option("--set", help="A setting as name=value; repeatable.")] = None,
    preset: PresetOption = None,
    embedder: EmbedderOption = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", help="Begin from an installed model of this recipe (or of its trunk's), or from a run's folder."
        ),
    ] = None,
    teachers: Annotated[
        list[str] | None,
        typer.Option("--teacher", help="An installed model whose answers are learnt too; repeatable."),
    ] = None,
    teacher_runs: Annotated[
        list[Path] | None,
        typer.Option(
            "--teacher-run",
            help="A run's folder; its network answers to the very pictures that are seen. Repeatable.",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the model; the recipe's by default.")] = None,
    run: Annotated[Path | None, typer.Option(help="Folder for checkpoints and curves; runs/NAME by default.")] = None,
    seed: SeedOption = 0,
    precision: PrecisionOption = "float32",
    minutes: Annotated[
        float | None,
        typer.Option(min=0, help="Stop before the first epoch that would end later; the same command continues."),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Weights that a transfer recipe begins with: imagenet, none, or a file.")
    ] = None,
    quantize: Annotated[
        str, typer.Option(help="Numbers of the installed file: float16, or int8 at half of its size.")
    ] = "float16",
    fit_only: Annotated[
        bool, typer.Option("--fit-only", help="Install nothing; --adopt installs the run later.")
    ] = False,
    adopt: Annotated[
        Path | None,
        typer.Option(help="Fit nothing; install the best epoch of this folder of a run, from here or elsewhere."),
    ] = None,
) -> None:
    """Train a recipe on the Training split and install the result under models/.

    The best epoch and the calibration are chosen on public-test without its copies of the other splits; private-test is
    not used. The results are the model's folder with its card and its figures on public-test, the run's folder with
    checkpoints and history.csv, and a run in MLflow (runs/mlflow.db, or the server that MLFLOW_TRACKING_URI names).
    After an interruption, even a kill, the same command continues from the last whole epoch.

    Example: python -m training train quick --data data/fer2013.parquet --set epochs=30 --name quick30

    A few minutes on your own pictures: python -m training train quick --from quick --data mine.parquet --name mine
    --set epochs=5 --set learning_rate=0.0003

    Fitted on another machine: python -m training train cnn --data data/fer2013.parquet --adopt cnn-run

    Without ImageNet's weights: python -m training train transfer-vgg16 --data data/fer2013.parquet
    --weights none --preset scratch
    """
    from training.settings import settings_of

    chosen = get_recipe(recipe)
    settings = settings_of(
        chosen, preset, [*(assignments or ()), *_weights(chosen, weights), *_embedder(chosen, embedder)]
    )
    name = model_name(name or chosen.name)
    _check_quantize(quantize)
    out, folder = paths.model_folders()[0] / name, run or Path("runs") / name
    command = this_command()
    set_up_tensorflow()
    from training.workflows import train as training

    if adopt:
        given = {"--set": assignments, "--preset": preset, "--from": start, "--run": run, "--minutes": minutes}
        given |= {"--weights": weights, "--embedder": embedder, "--fit-only": fit_only, "--teacher": teachers}
        given |= {"--teacher-run": teacher_runs}
        for option, value in given.items():
            if value:
                raise TrainingError(f"{option} is about fitting, and --adopt fits nothing; leave out one of the two")
        training.adopt(chosen, data, adopt, out, command=command, quantize=quantize, say=typer.echo)
    else:
        options = {"seed": seed, "precision": precision, "start": start}
        options |= {"teachers": tuple(teachers or ()), "teacher_runs": tuple(teacher_runs or ())}
        plan = training.plan_fit(chosen, settings, data, folder, **options)
        options = {"minutes": minutes, "quantize": quantize, "fit_only": fit_only}
        training.train(plan, out, command=command, say=typer.echo, **options)
    if fit_only:
        typer.echo(f"install it: {_adoption(chosen, data, folder, name)}")
    else:
        final = f"python -m training evaluate {name} --data {data} --split private-test --final"
        typer.echo(f"next, once and at the end: {final}")


def model_name(name: str) -> str:
    """Return a name that a model's folder can have.

    Raises:
        TrainingError: The name is a path, hidden or empty.
    """
    if not name or Path(name).name != name or name.startswith("."):
        raise TrainingError(f"--name {name}: give a plain name, without / and not beginning with a dot")
    return name


def _weights(recipe: Recipe, weights: str | None) -> list[str]:
    """Return `--weights` as an assignment of `--set`."""
    if weights is None:
        return []
    if recipe.backbone is None:
        raise TrainingError(
            f"--weights {weights}: the recipe {recipe.name!r} has no part that begins with pretrained weights; leave "
            "it out (--quantize chooses the numbers of the installed file)"
        )
    return [f"weights={weights}"]


def _embedder(recipe: Recipe, embedder: str | None) -> list[str]:
    """Return `--embedder` as an assignment of `--set`."""
    if embedder is None:
        return []
    feature = embedding_of(embedder)
    if not any(field.name == "feature" and feature in field.metadata["choices"] for field in fields(recipe.settings)):
        raise TrainingError(f"--embedder {embedder}: the recipe {recipe.name!r} reads no embedding; leave it out")
    return [f"feature={feature}"]


def _adoption(recipe: Recipe, data: Path, folder: Path, name: str) -> str:
    """Return the command that installs a run."""
    command = ["python", "-m", "training", "train", recipe.name, "--data", str(data)]
    return shlex.join([*command, "--adopt", str(folder), "--name", name])


def _check_quantize(quantize: str) -> None:
    if quantize not in ("float16", "int8"):
        raise TrainingError(f"--quantize {quantize}: unknown; give float16 or int8")


def sweep(
    recipe: RecipeArgument,
    data: DatasetOption,
    choices: Annotated[
        list[str], typer.Option("--set", help="name=a,b,c: values to try; name=a: the same for all. Repeatable.")
    ],
    preset: PresetOption = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Number of combinations to draw at random; all by default.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the sweep; the recipe's by default.")] = None,
    seed: SeedOption = 0,
    precision: PrecisionOption = "float32",
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Stop after so many minutes; the same command continues.")
    ] = None,
    install: Annotated[
        str | None, typer.Option(help="Install the best trial under this name; by default the command is printed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the trials as JSON, the best first.")] = False,
) -> None:
    """Search a recipe's settings: train with each combination, and rank the results on public-test.

    Every trial has a folder of its own under runs/sweep-NAME and a run in MLflow below the sweep's. Finished trials are
    not repeated: after a kill, or with more values, the same command continues. The result is a table by the accuracy
    of the best epoch on public-test without copies, on faces found. private-test is not used.

    Example: python -m training sweep quick --data data/fer2013.parquet --set learning_rate=0.0005,0.0015,0.003
    --set dropout=0.1,0.3 --set epochs=8 --trials 4
    """
    chosen = get_recipe(recipe)
    name = model_name(name or chosen.name)
    target = model_name(install) if install else f"{chosen.name}-best"
    set_up_tensorflow()
    from training.workflows.sweep import sweep as run_sweep

    command = this_command()
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
            f"no trial of the sweep {name!r} has a result; see the errors above, or give more --minutes"
        )
    if install:
        from training.workflows.train import adopt

        adopt(chosen, data, ranked[0].folder, paths.model_folders()[0] / target, command=command, say=typer.echo)
    else:
        typer.echo(f"install the best: {_adoption(chosen, data, ranked[0].folder, target)}", err=as_json)


def _table(ranked) -> str:
    lines = ["public-test  epochs  seconds  settings"]
    for trial in ranked:
        figure = "failed" if trial.accuracy is None else f"{trial.accuracy:.2%}"
        told = " ".join(trial.assignments) + (f"  ({trial.error})" if trial.error else "")
        lines.append(f"{figure:>11}  {trial.epochs:>6}  {trial.seconds:>7.0f}  {told}")
    return "\n".join(lines)
