"""Writing a model folder: its card is made here, and it appears under its name only when it is whole."""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.cards import Card, file_entry
from core.inference.artifact import Artifact
from core.model_store import aside_of
from training.errors import TrainingError
from training.publish import model_card


def draft_card(out: Path, *, libraries: Iterable[str], **fields: Any) -> Card:
    """Make the card of a model that is about to be written, as yet without files and known answer.

    Args:
        out: The model folder, whose name is the model's.
        libraries: Names of the packages whose versions the card gives.
        fields: The other fields of `Card`.
    """
    versions = {name: importlib.metadata.version(name) for name in libraries}
    created = datetime.now(UTC).date().isoformat()
    return Card(name=out.name, known_answer={}, files={}, versions=versions, created=created, **fields)


def write_folder(card: Card, out: Path, fill: Callable[[Path], tuple[list[str], Mapping[str, Any]]]) -> Card:
    """Write a model folder with its card and a generated README.md; one that exists is replaced.

    Args:
        card: The card without files and known answer, which are filled in.
        out: The folder to write.
        fill: Function that writes the model's files into the folder it is given, and returns their names and what is
            to be added to the card's `data`. If it fails, nothing is left behind.

    Raises:
        TrainingError: The disk is full, or the folder may not be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent, ignore_cleanup_errors=True) as scratch:
            staging = Path(scratch) / out.name  # same folder name: the card must match it
            staging.mkdir()
            card = _written(card, staging, fill)
            _put_in_place(staging, out)
            return card
    except OSError as error:
        raise TrainingError(
            f"{out}: cannot be written ({error.strerror or error}); make room there and give the same command again"
        ) from None


def _written(card: Card, staging: Path, fill: Callable) -> Card:
    names, facts = fill(staging)
    files = {name: file_entry(staging / name) for name in names}
    card = replace(card, files=files, data=dict(card.data) | dict(facts))
    card.save(staging)
    card = replace(card, known_answer=Artifact(staging).known_answer())
    card.save(staging)
    model_card.write(staging)
    return card


def _put_in_place(staging: Path, out: Path) -> None:
    """Rename the old folder aside and the new one in; between the two, `core.model_store` finds the one set aside."""
    aside = aside_of(out)
    if out.exists():
        shutil.rmtree(aside.parent, ignore_errors=True)  # left by a run that was killed
        aside.parent.mkdir()
        out.rename(aside)
    try:
        staging.rename(out)
    except OSError:
        if aside.exists():
            aside.rename(out)
            aside.parent.rmdir()
        raise
    shutil.rmtree(aside.parent, ignore_errors=True)
