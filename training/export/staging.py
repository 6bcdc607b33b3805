"""A model folder that appears under its name only when it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.artifacts import Artifact
from core.cards import Card, file_entry
from training import model_card


def write_folder(card: Card, out: Path, fill: Callable[[Path], tuple[list[str], Mapping[str, Any]]]) -> Card:
    """Write a model folder with its card and a generated README.md; one that stands there is replaced.

    Args:
        card: Without files and known answer; they are filled in.
        out: The folder.
        fill: Puts the model's files into the folder that it is given, and tells their names and what else the card's
            `data` is to say. Where it fails, nothing is left behind.
    """
    staging = out.with_name(f".{out.name}.{os.getpid()}") / out.name  # same folder name: the card must match it
    staging.mkdir(parents=True)
    try:
        names, facts = fill(staging)
        files = {name: file_entry(staging / name) for name in names}
        card = replace(card, files=files, data=dict(card.data) | dict(facts))
        card.save(staging)
        card = replace(card, known_answer=Artifact(staging).known_answer())
        card.save(staging)
        model_card.write(staging)
        _replace(staging, out)
    finally:
        shutil.rmtree(staging.parent, ignore_errors=True)
    return card


def _replace(staging: Path, out: Path) -> None:
    old = staging.parent / "old"
    if out.exists():
        out.rename(old)
    out.parent.mkdir(parents=True, exist_ok=True)
    staging.rename(out)
