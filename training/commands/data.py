"""Commands that make datasets."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from training.datasets import write_dataset
from training.datasets.fer2013 import read_fer2013
from training.datasets.ferplus import read_ferplus
from training.errors import DatasetError


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


def _with_votes(samples, votes, path):
    for row, sample in enumerate(samples):
        if row >= len(votes):
            raise DatasetError(f"{path}: has {len(votes)} rows, the dataset more; the two must belong together")
        yield replace(sample, votes=tuple(int(count) for count in votes[row]))
    if row + 1 != len(votes):
        raise DatasetError(f"{path}: has {len(votes)} rows, the dataset {row + 1}; the two must belong together")
