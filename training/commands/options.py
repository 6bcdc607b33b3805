"""Options that several commands share."""

from __future__ import annotations

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from training import text_tables
from training.datasets import SPLITS
from training.errors import TrainingError

DatasetOption = Annotated[Path, typer.Option("--data", help="Dataset file that `import` wrote.")]

_EMBEDDINGS = {"mien": "embedding", "mobilenet_v3_large": "embedding-mobilenet_v3_large"}

EmbedderOption = Annotated[
    str | None,
    typer.Option(help=f"Whose embedding: {' or '.join(_EMBEDDINGS)} (Google's, downloaded); the first if not given."),
]


def embedding_of(embedder: str) -> str:
    """Name of the feature that an embedder gives.

    Raises:
        TrainingError: there is no such embedder.
    """
    if embedder not in _EMBEDDINGS:
        raise TrainingError(f"--embedder {embedder}: unknown; give one of {', '.join(_EMBEDDINGS)}")
    return _EMBEDDINGS[embedder]


class Format(enum.StrEnum):
    """How a table is printed."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


SplitOption = Annotated[str, typer.Option(help=f"One of: {', '.join(SPLITS)}.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]


def check_split(split: str) -> None:
    """Refuse a split that no dataset has.

    Raises:
        TrainingError: it is none of `SPLITS`.
    """
    if split not in SPLITS:
        raise TrainingError(f"--split {split}: unknown; give one of {', '.join(SPLITS)}")


def table_in(form: Format) -> Callable[..., str]:
    """From a header and rows to a table."""
    return text_tables.markdown if form is Format.MARKDOWN else text_tables.aligned
