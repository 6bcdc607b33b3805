"""Class names as folders and files spell them."""

from __future__ import annotations

import re
from pathlib import Path

from core.labels import FERPLUS8, UnknownLabelError
from training.errors import DatasetError

_PREFIX = re.compile(r"^(face|\d+)[ _.-]+(?=[^\d])", re.IGNORECASE)


def class_of(name: str, where: Path | str) -> int:
    """Index into `FERPLUS8` of a class named in any spelling, such as `happy`, `Happiness`, `face_happy` or `3_happy`.

    A bare number is refused: FER2013's 0 is angry, AffectNet's is neutral.

    Raises:
        DatasetError: no known spelling; the message lists them all.
    """
    try:
        return FERPLUS8.index(_PREFIX.sub("", name.strip()))
    except UnknownLabelError as error:
        hint = " (numbers mean other classes in every dataset: rename them)" if name.strip().isdigit() else ""
        raise DatasetError(f"{where}: {error}{hint}") from None


def is_class(name: str) -> bool:
    """Whether this is the name of a class."""
    try:
        class_of(name, "")
    except DatasetError:
        return False
    return True
