"""Options, progress bars and the few other things that several commands share."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from tqdm import tqdm

from training import text_tables
from training.datasets import SPLITS
from training.errors import TrainingError

DatasetOption = Annotated[Path, typer.Option("--data", help="Dataset file that `import` wrote.")]

_EMBEDDINGS = {"mien": "embedding", "mobilenet_v3_large": "embedding-mobilenet_v3_large"}

EmbedderOption = Annotated[
    str | None,
    typer.Option(help=f"Network that gives the embedding: {' or '.join(_EMBEDDINGS)} (Google's); default: the first."),
]


def embedding_of(embedder: str) -> str:
    """Return the name of the feature that an embedder gives.

    Raises:
        TrainingError: The embedder is unknown.
    """
    if embedder not in _EMBEDDINGS:
        raise TrainingError(f"--embedder {embedder}: unknown; give one of {', '.join(_EMBEDDINGS)}")
    return _EMBEDDINGS[embedder]


TableForm = Literal["text", "markdown", "json"]

SplitOption = Annotated[str, typer.Option(help=f"One of: {', '.join(SPLITS)}.")]
FormatOption = Annotated[TableForm, typer.Option("--format", help="Form of the table.")]


def check_split(split: str) -> None:
    """Refuse a split that no dataset has.

    Raises:
        TrainingError: The split is none of `SPLITS`.
    """
    if split not in SPLITS:
        raise TrainingError(f"--split {split}: unknown; give one of {', '.join(SPLITS)}")


def table_in(form: TableForm) -> Callable[..., str]:
    """Return the function that makes a table of a header and rows."""
    return text_tables.markdown if form == "markdown" else text_tables.aligned


def this_command() -> str:
    """Return the command line that is running, for a card or a run to quote."""
    return shlex.join(["python", "-m", "training", *sys.argv[1:]])


def set_up_tensorflow() -> None:
    """Let TensorFlow, when it is imported, print errors only and use oneDNN, which it does not without AVX512."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def bar(*loop: Iterable, unit: str = "images", **options) -> tqdm:
    """Return a progress bar, which is shown on a terminal only, for a loop or to update by hand."""
    return tqdm(*loop, unit=f" {unit}", disable=not sys.stderr.isatty(), **{"leave": False} | options)


@contextmanager
def image_bar() -> Iterator[Callable[[int, int | None], None]]:
    """Show a progress bar over images.

    Yields:
        A function to call with the number of images done so far and the number of all images (None if unknown).
    """
    with bar() as shown:

        def progress(done: int, total: int | None) -> None:
            shown.total = total
            if not shown.n:
                shown.initial = done  # images done by an earlier run say nothing about the speed of this one
            shown.update(done - shown.n)

        yield progress
