"""Model folders on disk: where each one is, and its files, read only if they are the ones that its card names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .cards import CARD_FILE, Card, is_own_file
from .errors import ModelError
from .runtime import paths


def found() -> dict[str, Path]:
    """The folders of all models by name, whole or not: of two that have one name, the one in the earlier place.

    Where a model is being replaced and the new folder is not in place yet, it is the old one, set aside.
    """
    folders: dict[str, Path] = {}
    for parent in paths.model_folders():
        for pattern in (f"*/{CARD_FILE}", f".*.aside/*/{CARD_FILE}"):
            for card in sorted(parent.glob(pattern)):
                folders.setdefault(card.parent.name, card.parent)
    return folders


def aside_of(folder: Path) -> Path:
    """Where a model folder lies while another takes its place: under its own name, in a hidden folder beside it."""
    return folder.parent / f".{folder.name}.aside" / folder.name


def folder_of(name: str) -> Path:
    """The folder of an installed model.

    Raises:
        ModelError: there is none of that name.
    """
    folders = found()
    if folder := folders.get(name):
        return folder
    known = ", ".join(sorted(folders)) or "none"
    raise ModelError(f"no model named {name!r} is installed; installed are: {known}")


def read_verified(folder: Path, card: Card, name: str) -> bytes:
    """A file of a model folder, if it is the one that the card names.

    Raises:
        ModelError: it is missing, or has another size or sha256.
    """
    path, entry = folder / name, card.files.get(name)
    if entry is None or not is_own_file(path):
        raise ModelError(f"{path}: missing in this folder; restore or delete the folder")
    if path.stat().st_size != entry["bytes"]:
        raise ModelError(f"{path}: not the file that its card names (another size); restore or delete the folder")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise ModelError(f"{path}: not the file that its card names (another sha256); restore or delete the folder")
    return content


@dataclass(frozen=True)
class ModelFile:
    """Looked for anew at every call, for a model may be trained again while others are served.

    Attributes:
        model: Name of the model, and of the recipe that makes it.
        name: Of the file in its folder.
    """

    model: str
    name: str

    def __str__(self) -> str:
        return f"{self.model}/{self.name}"

    def sha256(self) -> str:
        """As the model's card has it.

        Raises:
            ModelError: the model is not installed, is damaged, or has no such file.
        """
        return self._found()[1].files[self.name]["sha256"]

    def read(self) -> bytes:
        """Its content, if it is the file that the card names.

        Raises:
            ModelError: as `sha256`, or the file is damaged.
        """
        return read_verified(*self._found(), self.name)

    def written(self) -> int:
        """When it was written, in nanoseconds, at the cost of a look at the disk.

        Raises:
            ModelError: it is missing.
        """
        try:
            return (self._folder() / self.name).stat().st_mtime_ns
        except OSError:
            raise self._missing() from None

    def _folder(self) -> Path:
        try:
            return folder_of(self.model)
        except ModelError:
            raise self._missing() from None

    def _found(self) -> tuple[Path, Card]:
        folder = self._folder()
        card = Card.load(folder)
        if self.name not in card.files:
            raise self._missing()
        return folder, card

    def _missing(self) -> ModelError:
        return ModelError(
            f"{self} is needed and not installed: make it with `python -m training train {self.model}`, or copy the "
            "folder of that model into models/"
        )


EMBEDDER = ModelFile("embedder", "embedder.tflite")
"""From a picture, uint8 RGB (1, 48, 48, 3), to its embedding, float32 (1, 1280)."""
