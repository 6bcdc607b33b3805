"""Commands about datasets: `import`, `download`, `sample`, `audit` and `clean`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from core.runtime.files import keep_inputs, write_whole
from training.commands.options import DatasetOption, image_bar
from training.datasets.cartoon import write_sample
from training.datasets.cropper import Mode
from training.datasets.formats import formats
from training.datasets.importing import import_sources
from training.datasets.incoming.classes import NUMBERS, Classes
from training.datasets.incoming.layout import Hints
from training.datasets.incoming.persons import person_pattern
from training.datasets.kaggle import KAGGLE_SETS
from training.datasets.kaggle import download as fetch
from training.errors import TrainingError

_Out = Annotated[Path, typer.Option(help="The Parquet file to write.")]
_Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")]


def import_dataset(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE", help="A file or folder of a format below, or an archive of it: .zip, .tar, .tar.gz."
        ),
    ],
    out: _Out,
    classes: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=EXPRESSION,…",
            help="What classes stand for: 1=surprise,Ahegao=-, where - leaves a class out; or expressions in the order "
            f"of their numbers, from 0; or whose numbers they are: {', '.join(NUMBERS)}.",
        ),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Finds who is shown in a picture's path: the group (…), or all that matches, such as '/(.+?)_' for "
            "what stands before the first _ of a name in a folder. Folders in class folders, and the file names of "
            "CK+, JAFFE, KDEF and others, need none.",
        ),
    ] = None,
    image: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of a table that holds pictures: paths or bytes.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of a table that holds the classes.")
    ] = None,
    ferplus: Annotated[
        Path | None, typer.Option(help="FER+'s fer2013new.csv, with ten votes for each image of FER2013's csv.")
    ] = None,
    crop: Annotated[
        Mode,
        typer.Option(
            help="auto: small square images are taken for crops; in every other picture the most prominent face is "
            "found and aligned. none: every picture is taken for a crop."
        ),
    ] = "auto",
    split: Annotated[
        str,
        typer.Option(
            help="Shares of training, public-test and private-test for images whose split the source does not tell. "
            "Every class is shared alike, and no person is in two splits. 90/10 leaves no private-test."
        ),
    ] = "80/10/10",
    seed: _Seed = 0,
) -> None:
    """Import datasets of any usual format into one Parquet file of 48x48 faces, labels, splits and votes.

    Formats are told by their content, whatever the files are called:

    \b
      FORMATS

    What was understood is said before anything is written: the format, the classes, the splits, the people, and what
    is left out. Expressions may be spelled in any usual way, in some thirty languages. A class that is no expression
    is left out and named; if most pictures are of such classes, the import is refused.

    Folders, columns and file names such as PrivateTest_10131363.jpg tell the splits. Validation becomes public-test,
    on which models are chosen, and test becomes private-test; without a validation set, a part of train becomes
    public-test.

    If there are several sources, an image that an earlier one has too is left out. Pictures in which no face is found
    stay in the file, marked, and count as errors in every evaluation; NAME.not-found.csv beside the file lists them
    and every file that was left out. The label contempt is kept for models of eight classes.

    The file appears only when it is whole. A csv that is cut short or ill-formed is refused, and the message names the
    row.

    \b
    Example:
      python -m training import fer2013.csv.gz --ferplus fer2013new.csv --out data/fer2013.parquet
      python -m training import faces/ --classes Ahegao=- --person '^[^/]+/(.+?)_' --out data/own.parquet
      python -m training import labels.csv --image pth --label label --out data/own.parquet
    """
    hints = Hints(Classes.parse(classes or ""), image, label, person_pattern(person) if person else None)
    keep_inputs([out], [*sources, ferplus])
    _check_suffix(out)
    with image_bar() as progress:
        result = import_sources(
            sources, out, ferplus, crop, split, seed, hints, roams=True, say=typer.echo, progress=progress
        )
    for line in (*result.remarks(), f"{result.count} images written to {out}"):
        typer.echo(line)


import_dataset.__doc__ = import_dataset.__doc__.replace(
    "FORMATS", "\n      ".join(f"{each.name:<20} {each.shape}" for each in formats())
)


def download(
    name: Annotated[str, typer.Argument(help=f"{', '.join(KAGGLE_SETS)}, or any OWNER/NAME of Kaggle.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the download; kagglehub's own cache by default.")] = None,
) -> None:
    """Download a dataset from Kaggle through kagglehub, and print the command that imports it.

    \b
      fer2013             FER2013 as JPEG files in train/ and test/
      fer2013-csv         FER2013 as csv, which FER+ votes go with; accept the competition's rules on its page first
      fer2013-validation  FER2013 as JPEG files in train/ and validation/
      portraits           people in eight expressions, with emotions.csv

    Kaggle may ask for a token (https://www.kaggle.com/settings). Most datasets may be used for research only: read the
    terms of each.

    \b
    Example:
      python -m training download fer2013
    """
    path = fetch(name, out)
    stem = name.rpartition("/")[2]
    typer.echo(f"{name} is in {path}")
    typer.echo(f"next: python -m training import {shlex.quote(str(path))} --out {shlex.quote(f'data/{stem}.parquet')}")


def sample(
    out: _Out,
    count: Annotated[
        int, typer.Option(min=1, help="Number of pictures; every person is drawn in all seven expressions.")
    ] = 350,
    seed: _Seed = 0,
) -> None:
    """Draw a small made-up dataset: cartoon faces in the seven expressions, with splits and votes.

    It is for trying commands and pages without a real dataset. What a model learns from it says nothing about people.

    \b
    Example:
      python -m training sample --out data/sample.parquet
      python -m training train quick --data data/sample.parquet
    """
    _check_suffix(out)
    typer.echo(f"{write_sample(out, count, seed)} drawings written to {out}")


def _check_suffix(out: Path) -> None:
    if out.suffix.lower() != ".parquet":
        raise TrainingError(f"--out {out}: a dataset is a Parquet file; give a name that ends in .parquet")


def audit(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Dataset file that `import` wrote.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Write all figures and every image concerned as JSON.")
    ] = None,
    clean: Annotated[
        Path | None,
        typer.Option(metavar="OUT.parquet", help="Write a copy without test images that are in an earlier split too."),
    ] = None,
) -> None:
    """Describe a dataset and what is wrong with it.

    The figures are: images by class and split, blank images, exact copies and near-duplicates, brightness and contrast
    by class, agreement of the labels with FER+ votes, doubtful labels, and the share of faces with a mesh if meshes
    were computed before. An image is named by its row in the file, from 0.

    Doubtful labels are found by people's votes and by each installed model that was evaluated on PublicTest before
    (confident learning, Northcutt et al. 2021).

    A clean copy leaves out the images of PublicTest that are in Training, and those of PrivateTest that are in Training
    or PublicTest, and nothing else; `clean` also applies a list of changes. The file's metadata says so.

    \b
    Example:
      python -m training audit data/fer2013.parquet
      python -m training audit data/fer2013.parquet --out audit.json --clean data/fer2013-clean.parquet
    """
    from training.audit.clean_copy import write_clean
    from training.audit.summary import in_words, summarise
    from training.datasets.index import Rows

    keep_inputs([out, clean], [dataset])
    rows = Rows.load(dataset)
    with image_bar() as progress:
        found = summarise(rows, progress)
    typer.echo(in_words(found))
    if out:
        try:
            write_whole(out, json.dumps(found, indent=1) + "\n")
        except OSError as error:
            raise TrainingError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
        typer.echo(f"\nall figures written to {out}")
    if clean:
        result = write_clean(rows, clean)
        typer.echo(f"\n{result.kept} images written to {clean}; {result}")


def clean(
    data: DatasetOption,
    out: _Out,
    changes: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="LIST.csv",
            help="The list of changes to apply, as the Dataset page writes and exports it; by default the one beside "
            "the dataset, NAME.changes.csv, if there is any.",
        ),
    ] = None,
    leaks: Annotated[
        bool, typer.Option(help="Leave out test images that are in an earlier split too.", show_default=True)
    ] = True,
) -> None:
    """Write a copy of a dataset with a list of changes, and without what leaks into the tests.

    The dataset file stays as it is. A list leaves rows out, or gives them another label; tags change nothing. It is a
    csv with the columns row, hash, excluded (yes or empty), new_label, tags and step, in which the last line of a row
    counts. A list that names other pictures than the dataset holds is refused. The copy's metadata, and `audit`, say
    what was done.

    \b
    Example:
      python -m training clean --data data/fer2013.parquet --list fer2013.changes.csv --out data/fer2013-clean.parquet
    """
    from training.audit.clean_copy import write_clean
    from training.datasets.changes import Changes, beside
    from training.datasets.index import Rows

    keep_inputs([out], [data, changes or beside(data)])
    _check_suffix(out)
    if changes and not changes.is_file():
        raise TrainingError(f"--list {changes}: no such file")
    rows = Rows.load(data)
    applied = Changes(rows, changes)
    result = write_clean(rows, out, applied, leaks=leaks)
    typer.echo(f"{applied.path}: {len(applied)} rows have changes")
    typer.echo(f"{result.kept} images written to {out}; {result}")
