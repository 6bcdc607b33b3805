"""The workshop's command line: `python -m training`."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from core.artifacts import Artifact, folder_of, installed, model_folders
from core.errors import MienError
from core.models import UnknownRecipeError, get_recipe, recipes
from training.datasets import SPLITS, write_dataset
from training.datasets.fer2013 import read_fer2013
from training.datasets.ferplus import read_ferplus
from training.errors import DatasetError, TrainingError
from training.settings import parse_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

DatasetOption = Annotated[Path, typer.Option("--data", help="Dataset file that `import` wrote.")]


@app.callback()
def workshop() -> None:
    """Turn datasets into trained, calibrated, measured models."""


@app.command("import")
def import_dataset(
    source: Annotated[Path, typer.Argument(help="fer2013.csv or fer2013.csv.gz, in Kaggle's form.")],
    out: Annotated[Path, typer.Option(help="The Parquet file to write.")],
    ferplus: Annotated[Path | None, typer.Option(help="FER+'s fer2013new.csv: ten votes for each image.")] = None,
) -> None:
    """Read a dataset into one Parquet file of images, labels, splits and votes.

    The file appears only when it is whole; a source that is cut short or ill-formed is refused, and its bad row named.
    """
    votes = read_ferplus(ferplus) if ferplus else None
    samples = read_fer2013(source)
    if votes is not None:
        samples = _with_votes(samples, votes, ferplus)
    total = len(votes) if votes is not None else None
    count = write_dataset(tqdm(samples, total=total, unit=" images", disable=not sys.stderr.isatty()), out)
    typer.echo(f"{count} images written to {out}")


@app.command()
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


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="Name of an installed model.")],
    data: DatasetOption,
    split: Annotated[str, typer.Option(help=f"One of: {', '.join(SPLITS)}.")] = "public-test",
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole Report as JSON.")] = False,
    final: Annotated[
        bool, typer.Option(help="Write the figures into the model's card and, for private-test, into the ledger.")
    ] = False,
) -> None:
    """Measure an installed model on a split, every image counted."""
    from training.evaluate import evaluate as run_evaluation
    from training.ledger import record
    from training.train import add_metrics

    if split not in SPLITS:
        raise TrainingError(f"--split {split}: unknown; give one of {', '.join(SPLITS)}")
    folder = folder_of(model)
    artifact = Artifact(folder, threads=os.cpu_count() or 1)
    report = run_evaluation(artifact, data, split)
    if final:
        add_metrics(folder, split.replace("-", "_"), report.as_dict())
        if split == "private-test":
            record(artifact.card, report)
    if as_json:
        typer.echo(json.dumps(report.as_dict()))
        return
    low, high = report.accuracy_interval
    typer.echo(f"{model} on {split}: {report.n} images, {report.coverage:.1%} of the faces found")
    typer.echo(f"  accuracy           {report.accuracy:.2%}  (95 % interval {low:.2%} to {high:.2%})")
    typer.echo(f"  without copies     {report.accuracy_without_copies:.2%}  ({report.copies} stand in Training too)")
    typer.echo(f"  balanced accuracy  {report.balanced_accuracy:.2%}")
    typer.echo(f"  calibration error  {report.ece:.2%}")
    for label, value in report.f1.items():
        typer.echo(f"  F1 {label:<15} {value:.2%}")


@app.command()
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


def _with_votes(samples, votes, path):
    for row, sample in enumerate(samples):
        if row >= len(votes):
            raise DatasetError(f"{path}: has {len(votes)} rows, the dataset more; the two must belong together")
        yield replace(sample, votes=tuple(int(count) for count in votes[row]))
    if row + 1 != len(votes):
        raise DatasetError(f"{path}: has {len(votes)} rows, the dataset {row + 1}; the two must belong together")


def main() -> None:
    """Run the command; a user's mistake is one sentence on stderr and exit code 2."""
    try:
        app()
    except (DatasetError, TrainingError, MienError, UnknownRecipeError) as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
