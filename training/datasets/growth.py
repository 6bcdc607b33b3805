"""How much a packed file may grow: beyond that it is no dataset but a bomb."""

from __future__ import annotations

from pathlib import Path

from training.errors import DatasetError

MAX_BYTES = 20 * 2**30
"""Unpacked; the largest of the field's sets that Kaggle carries have about 5 GB."""

MAX_GROWTH = 50
"""Unpacked over packed size; fer2013.csv has 3, pictures about 1."""

_SMALL = 50 * 2**20


def check_growth(path: Path, size: int) -> None:
    """Refuse what would unpack to this many bytes, where that is absurd.

    Raises:
        DatasetError: it is more than any dataset has, or than pictures and numbers can be packed into so few bytes.
    """
    if size > MAX_BYTES or size > max(_SMALL, MAX_GROWTH * path.stat().st_size):
        raise DatasetError(
            f"{path}: refused, for its {path.stat().st_size:,} bytes would unpack to {size:,}; "
            "unpack it yourself if you trust it, and give the folder"
        )
