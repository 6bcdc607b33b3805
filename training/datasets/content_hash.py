"""What a dataset holds, as one short name: the key of whatever is computed from it and kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

from training.datasets.file import read_rows


def dataset_hash(path: Path) -> str:
    """32 hex digits that are equal where the rows' pixels, labels and splits are equal and stand in the same order.

    Importing the same source again, or writing the file with other compression, keeps it.

    Raises:
        DatasetError: the file is missing, or not one that `training import` wrote.
    """
    digest = hashlib.sha256()
    table = read_rows(Path(path), columns=["hash", "label", "split"])
    for row in zip(*(table[name].to_pylist() for name in ("hash", "label", "split")), strict=True):
        digest.update("\t".join(row).encode() + b"\n")
    return digest.hexdigest()[:32]
