"""Model folders on disk: where each one is, and reading their files, which must be the ones that the card names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .cards import CARD_FILE, Card, is_own_file
from .errors import ModelError
from .runtime import paths


def found() -> dict[str, Path]:
    """The folders of all models by name, whole or not; of two with one name, the one in the earlier place.

    While a model is being replaced, and the new folder is not in place yet, the old one that was set aside is found.
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
        ModelError: No model of that name is installed.
    """
    folders = found()
    if folder := folders.get(name):
        return folder
    known = ", ".join(sorted(folders)) or "none"
    raise ModelError(f"no model named {name!r} is installed; installed are: {known}")


def read_verified(folder: Path, card: Card, name: str) -> bytes:
    """The content of a file in a model folder.

    Args:
        folder: The model folder.
        card: Card of the model.
        name: Name of the file.

    Raises:
        ModelError: The file is missing, or has another size or sha256 than the card names.
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


def read_beside(path: Path, name: str, sha256: str) -> bytes:
    """The content of a file that another file of its model folder names, such as that of a member of an ensemble.

    Args:
        path: Path of the file that names it.
        name: Name of the file to read.
        sha256: Its sha256.

    Raises:
        ModelError: The file is missing, or has another sha256.
    """
    file = path.parent / name
    if not is_own_file(file):
        raise ModelError(f"{file}: missing in this folder; restore or delete the folder")
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(f"{file}: not the file that {path.name} names (another sha256); restore or delete the folder")
    return content


@dataclass(frozen=True)
class ModelFile:
    """A file of an installed model that a feature runs.

    Each call looks for the file again, because the model may be trained again while others are served.

    Attributes:
        model: Name of the model, and of the recipe that makes it.
        name: Name of the file in the model's folder.
    """

    model: str
    name: str

    def __str__(self) -> str:
        return f"{self.model}/{self.name}"

    def sha256(self) -> str:
        """Sha256 of the file, from the model's card.

        Raises:
            ModelError: The model is not installed, is damaged, or has no such file.
        """
        return self._found()[1].files[self.name]["sha256"]

    def read(self) -> bytes:
        """Content of the file.

        Raises:
            ModelError: The model is not installed or damaged, or the file is not the one that the card names.
        """
        return read_verified(*self._found(), self.name)

    def written(self) -> int:
        """Time at which the file was written, in nanoseconds; this reads no file.

        Raises:
            ModelError: The file is missing.
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
"""The network that turns a picture, uint8 RGB (1, 48, 48, 3), into its embedding, float32 (1, 1280)."""
