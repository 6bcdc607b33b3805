"""ModelFile: a file that one installed model leaves for a feature, and so for other models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .artifacts import folder_of, read_verified
from .cards import Card
from .errors import ModelError


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
