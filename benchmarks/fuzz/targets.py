"""The functions that are fuzzed under guidance: every reader of files that strangers make."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

from core.cards import Card
from core.errors import MienError
from core.images import read_image
from core.video.clip import Clip
from training.datasets.dataset import Dataset
from training.datasets.formats.ferplus import read_ferplus
from training.datasets.parquet import is_dataset
from training.datasets.sources import read_source
from training.fit.pack import read_pack

_PICTURES_OF_A_CLIP = 50

_GZIP = b"\x1f\x8b"
DOT = b"P5 2 2 255\n\x00\x40\x80\xff"
"""The smallest picture."""

_YOLO = {"images/a.pgm": DOT, "images/b.pgm": DOT, "labels/b.txt": b"0 0.5 0.5 1 1\n"}


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


def _among(name: str, others: Mapping[str, bytes]) -> Callable[[bytes, Path], None]:
    """Return a function that places a file beside others and reads the folder as a source.

    Args:
        name: Path of the file in the folder.
        others: Content of the other files, by path.
    """

    def read(data: bytes, folder: Path) -> None:
        folder = folder / name.replace("/", "-")
        for path, content in {**others, name: data}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            _placed(content, folder, path)
        _source(folder)

    return read


def _dataset(data: bytes, folder: Path) -> None:
    path = _placed(data, folder, "dataset.parquet")
    if is_dataset(path):
        Dataset.load(path)


def _clip(data: bytes, folder: Path) -> None:
    for _ in itertools.islice(Clip(_placed(data, folder, "clip.mp4")).pictures(), _PICTURES_OF_A_CLIP):
        pass


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
    "clip": _clip,
    "FER2013 csv": _csv(_source),
    "FER+ csv": _csv(read_ferplus),
    "archive": _archive,
    "table": _among("table.json", {f"{name}.pgm": DOT for name in ("a", "b", "train_00001", "test_0001")}),
    "FER+ list": _among("FER2013Train/label.csv", {"FER2013Train/a.pgm": DOT}),
    "YOLO boxes": _among("labels/a.txt", _YOLO | {"data.yaml": b"names: [sad, happy]"}),
    "YOLO classes": _among("data.yaml", _YOLO),
    "AffectNet label": _among("a/annotations/0_exp.npy", {"a/images/0.pgm": DOT}),
    "CK+ label": _among("S001_001_00000001_emotion.txt", {f"S001_001_0000000{i}.pgm": DOT for i in (1, 2)}),
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
