"""Commands that make datasets."""

from __future__ import annotations

import shlex
import sys
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from training.datasets import write_dataset
from training.datasets.cartoon import write_sample
from training.datasets.crops import Cropper
from training.datasets.download import KAGGLE_SETS
from training.datasets.download import download as fetch
from training.datasets.ferplus import read_ferplus, with_votes
from training.datasets.merging import Tally, merged, renamed, write_losses
from training.datasets.sources import Source, read_source
from training.datasets.splitting import parse_shares
from training.errors import DatasetError


class Crop(StrEnum):
    """Values of --crop."""

    AUTO = "auto"
    NONE = "none"


_Out = Annotated[Path, typer.Option(help="The Parquet file to write.")]
_Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")]


def import_dataset(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="SOURCE", help="fer2013.csv, icml_face_data.csv, a folder, or a .zip of either."),
    ],
    out: _Out,
    ferplus: Annotated[
        Path | None, typer.Option(help="FER+'s fer2013new.csv: ten votes for each image of the FER2013 csv.")
    ] = None,
    crop: Annotated[
        Crop,
        typer.Option(
            help="auto: small square images are crops already and stay as they are; in every other picture the most "
            "prominent face is found and laid into the frame that models see. none: take every picture as it is."
        ),
    ] = Crop.AUTO,
    split: Annotated[
        str,
        typer.Option(
            help="Shares of training, public-test and private-test where the source does not tell its own: "
            "by class, and no person in two of them. 90/10 leaves no private-test."
        ),
    ] = "80/10/10",
    seed: _Seed = 0,
) -> None:
    """Read datasets of any usual layout into one Parquet file of 48x48 faces, labels, splits and votes.

    A SOURCE is one of these, or a .zip of one:

    \b
      fer2013.csv, icml_face_data.csv      as Kaggle gives them out; .gz too
      train/ test/  or  train/ validation/ test/   of folders named after expressions
      angry/ disgusted/ ...  or  face_angry/ ...   folders inside them are people
      images/PERSON/EXPRESSION.jpg         beside emotions.csv: eight classes, whole portraits

    File names such as PrivateTest_10131363.jpg give back FER2013's own splits. Otherwise validation becomes
    public-test, on which models are chosen, and test becomes private-test; where there is no validation, public-test is
    taken out of train. Expressions may be spelled in any usual way.

    Of several sources, an image that an earlier one has is left out. Pictures in which no face is found stay in the
    file, marked, and count as errors in every evaluation; they are listed in NAME.not-found.csv beside it, together
    with files that cannot be read. "contempt" is kept for models of eight classes.

    The file appears only when it is whole; a csv that is cut short or ill-formed is refused, and its bad row named.

    \b
    Example:
      python -m training import fer2013.csv.gz --ferplus fer2013new.csv --out data/fer2013.parquet
      python -m training import portraits.zip my-photos/ --split 90/10 --out data/own.parquet
    """
    shares = parse_shares(split)
    tally = Tally()
    losses = out.with_name(f"{out.stem}.not-found.csv")
    with ExitStack() as stack:
        opened = renamed([stack.enter_context(read_source(path, shares, seed)) for path in sources])
        if ferplus:
            opened = _with_ferplus(opened, ferplus)
        for source in opened:
            typer.echo(f"{source.name}: {source.layout}")
        about = {"sources": ",".join(source.name for source in opened), "split": split, "seed": str(seed)}
        counts = [source.count for source in opened]
        total = None if None in counts else sum(counts)
        samples = merged(opened, Cropper(crop.value), tally)
        count = write_dataset(
            tqdm(samples, total=total, unit=" images", disable=not sys.stderr.isatty()), out, about | {"crop": crop}
        )
        lost = write_losses(losses, tally, opened)
    _report(tally, opened, losses if lost else None)
    typer.echo(f"{count} images written to {out}")


def download(
    name: Annotated[str, typer.Argument(help=f"{', '.join(KAGGLE_SETS)}, or any OWNER/NAME of Kaggle.")],
    out: Annotated[Path | None, typer.Option(help="Folder to put it in; kagglehub's own cache if not given.")] = None,
) -> None:
    """Get a dataset from Kaggle through kagglehub, and say how to import it.

    \b
      fer2013             FER2013 as JPEG files in train/ and test/
      fer2013-csv         FER2013 as the competition gave it out, for FER+ votes; its rules must be accepted first
      fer2013-validation  FER2013 as JPEG files in train/ and validation/
      portraits           people in eight expressions, with emotions.csv

    Kaggle may ask for a token (https://www.kaggle.com/settings). Mind the terms of each set: most allow research only.

    \b
    Example:
      python -m training download fer2013
    """
    path = fetch(name, out)
    stem = name.rpartition("/")[2]
    typer.echo(f"{name} lies in {path}")
    typer.echo(f"next: python -m training import {shlex.quote(str(path))} --out {shlex.quote(f'data/{stem}.parquet')}")


def sample(
    out: _Out,
    count: Annotated[
        int, typer.Option(min=1, help="How many pictures: a seventh as many people, each in all seven.")
    ] = 350,
    seed: _Seed = 0,
) -> None:
    """Draw a small made-up dataset: cartoon faces in the seven expressions, with splits and votes.

    Every command and page can be tried on it before a real dataset is at hand. What a model learns from it says
    nothing of people.

    \b
    Example:
      python -m training sample --out data/sample.parquet
      python -m training train quick --data data/sample.parquet
    """
    typer.echo(f"{write_sample(out, count, seed)} drawings written to {out}")


def _with_ferplus(sources: list[Source], path: Path) -> list[Source]:
    tables = [source.name for source in sources if source.is_fer2013]
    if len(tables) != 1:
        raise DatasetError(
            f"{path}: FER+ votes belong to the rows of FER2013's csv, of which {len(tables)} are given; give one"
        )
    votes = read_ferplus(path)
    return [
        replace(source, samples=with_votes(source.samples, votes, path), count=len(votes))
        if source.is_fer2013
        else source
        for source in sources
    ]


def _report(tally: Tally, sources: list[Source], losses: Path | None) -> None:
    """Say what became of the images that are not simply rows; nothing is lost in silence."""
    unreadable = sum(len(source.unreadable) for source in sources)
    if len(sources) > 1:
        for name, kept in tally.kept.items():
            typer.echo(f"{kept} images from {name}")
        typer.echo(f"{tally.copies} left out as copies of an image of an earlier source")
    if tally.contempt:
        typer.echo(
            f"{tally.contempt} are labelled contempt: models of eight classes learn from them, those of seven do not"
        )
    if tally.not_found:
        typer.echo(f"{len(tally.not_found)} show no face that could be found: kept as errors, listed in {losses}")
    if unreadable:
        typer.echo(f"{unreadable} files could not be read: left out, listed in {losses}")
