"""A model folder that appears under its name only when it is whole."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.cards import Card, file_entry
from core.inference.artifact import Artifact
from training.errors import TrainingError
from training.publish import model_card

_HERE = -100  # AT_FDCWD: paths are as this process sees them
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def exchange(one: Path, other: Path) -> None:
    """Let two paths of one file system, both there, change places.

    Python has no such call. Where the system has none either, there are three steps with a moment between them.

    Raises:
        OSError: they cannot be renamed; then both stand where they stood.
    """
    if _swapped(os.fsencode(one), os.fsencode(other)):
        return
    aside = one.with_name(f"{one.name}.aside")
    other.rename(aside)
    try:
        one.rename(other)
    except OSError:
        aside.rename(other)
        raise
    aside.rename(one)


def _swapped(one: bytes, other: bytes) -> bool:
    libc = ctypes.CDLL(None) if os.name == "posix" else None
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        return libc.renameat2(_HERE, one, _HERE, other, _SWAP) == 0
    if sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        return libc.renamex_np(one, other, _SWAP) == 0
    return False


def write_folder(card: Card, out: Path, fill: Callable[[Path], tuple[list[str], Mapping[str, Any]]]) -> Card:
    """Write a model folder with its card and a generated README.md; one that stands there is replaced.

    Args:
        card: Without files and known answer; they are filled in.
        out: The folder.
        fill: Puts the model's files into the folder that it is given, and tells their names and what else the card's
            `data` is to say. Where it fails, nothing is left behind.

    Raises:
        TrainingError: there is no room for it, or no right to write there.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent, ignore_cleanup_errors=True) as scratch:
            staging = Path(scratch) / out.name  # same folder name: the card must match it
            staging.mkdir()
            return _written(card, staging, out, fill)
    except OSError as error:
        raise TrainingError(
            f"{out}: cannot be written ({error.strerror or error}); make room there and give the same command again"
        ) from None


def _written(card: Card, staging: Path, out: Path, fill: Callable) -> Card:
    names, facts = fill(staging)
    files = {name: file_entry(staging / name) for name in names}
    card = replace(card, files=files, data=dict(card.data) | dict(facts))
    card.save(staging)
    card = replace(card, known_answer=Artifact(staging).known_answer())
    card.save(staging)
    model_card.write(staging)
    if out.exists():
        exchange(staging, out)
    else:
        staging.rename(out)
    return card
