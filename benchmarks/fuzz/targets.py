"""The functions that are fuzzed under guidance: every reader of files that strangers make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.cards import Card
from core.errors import MienError
from core.images import read_image
from training.datasets.dataset import Dataset
from training.datasets.formats.ferplus import read_ferplus
from training.datasets.parquet import is_dataset
from training.datasets.sources import read_source
from training.fit.pack import read_pack

_GZIP = b"\x1f\x8b"


def _csv(read: Callable[[Path], object]) -> Callable[[bytes, Path], None]:
    def read_table(data: bytes, folder: Path) -> None:
        read(_placed(data, folder, "table.csv.gz" if data.startswith(_GZIP) else "table.csv"))

    return read_table


def _source(path: Path) -> None:
    with read_source(path) as source:
        for _ in source.samples:
            pass


def _archive(data: bytes, folder: Path) -> None:
    _source(_placed(data, folder, "archive.zip"))


def _dataset(data: bytes, folder: Path) -> None:
    path = _placed(data, folder, "dataset.parquet")
    if is_dataset(path):
        Dataset.load(path)


def _card(data: bytes, folder: Path) -> None:
    folder = folder / "quick"
    folder.mkdir(exist_ok=True)
    Card.load(_placed(data, folder, "card.json").parent)


def _placed(data: bytes, folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    "picture": lambda data, folder: read_image(data),
    "FER2013 csv": _csv(_source),
    "FER+ csv": _csv(read_ferplus),
    "archive": _archive,
    "dataset file": _dataset,
    "pack": lambda data, folder: read_pack(_placed(data, folder, "pack.npz")),
    "card": _card,
}
"""Function that reads a file's bytes, in a folder of its own, by kind of file."""


def try_one(kind: str, data: bytes, folder: Path) -> str:
    """Read one file.

    Args:
        kind: Kind of file, a key of `TARGETS`.
        data: Content of the file.
        folder: Empty folder that the reader may use.

    Returns:
        "read" or "refused".

    Raises:
        Exception: Any error but a `MienError`; that is a finding.
    """
    try:
        TARGETS[kind](data, folder)
    except MienError:
        return "refused"
    return "read"
