"""Commands that make datasets."""

from __future__ import annotations

import json
import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from training.datasets.cartoon import write_sample
from training.datasets.importing import import_sources
from training.datasets.kaggle import KAGGLE_SETS
from training.datasets.kaggle import download as fetch
from training.errors import TrainingError


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
    with tqdm(unit=" images", leave=False, disable=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        result = import_sources(sources, out, ferplus, crop.value, split, seed, say=typer.echo, progress=progress)
    for line in (*result.remarks(), f"{result.count} images written to {out}"):
        typer.echo(line)


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


def audit(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Dataset file that `import` wrote.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Write all figures and every image concerned as JSON.")
    ] = None,
    clean: Annotated[
        Path | None,
        typer.Option(metavar="OUT.parquet", help="Write a copy without the test images that leak from earlier splits."),
    ] = None,
) -> None:
    """Say what a dataset holds and what is wrong with it.

    Images by class and split, blank ones, exact copies and pictures that look the same, brightness and contrast by
    class, agreement of the labels with FER+ votes, doubtful labels, and in how many faces the mesh was found where it
    was computed before. An image is named by its row in the file, from 0.

    A label is doubted by people's votes and by each installed model that was evaluated on PublicTest before (confident
    learning, Northcutt et al. 2021).

    A clean copy drops from PublicTest what stands in Training, and from PrivateTest what stands in Training or in
    PublicTest; nothing else. The file says so in its metadata.

    \b
    Example:
      python -m training audit data/fer2013.parquet
      python -m training audit data/fer2013.parquet --out audit.json --clean data/fer2013-clean.parquet
    """
    from training.audit.duplicates import write_clean
    from training.audit.summary import in_words, summarise
    from training.datasets.index import Rows

    rows = Rows.load(dataset)
    with tqdm(total=len(rows), unit=" images", leave=False, disable=not sys.stderr.isatty()) as bar:
        found = summarise(rows, lambda done, total: bar.update(done - bar.n))
    typer.echo(in_words(found))
    if out:
        try:
            out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise TrainingError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
        typer.echo(f"\nall figures written to {out}")
    if clean:
        result = write_clean(rows, clean)
        typer.echo(f"\n{result.kept} images written to {clean}, {sum(result.dropped.values())} left out")
