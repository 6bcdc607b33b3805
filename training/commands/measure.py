"""Commands that measure models."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from core.artifacts import Artifact, folder_of
from training.commands.options import DatasetOption
from training.datasets import SPLITS
from training.errors import TrainingError


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
