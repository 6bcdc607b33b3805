"""The command that looks a dataset over."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from training.errors import TrainingError


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
    from training.audit.clean import write_clean
    from training.audit.rows import Rows
    from training.audit.summary import summarise
    from training.audit.text import in_words

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
