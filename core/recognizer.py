"""Recognizer: a picture goes in, readings come out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import artifacts
from .cards import Card
from .faces import FaceFinder, Search
from .images import read_image
from .pyramid import Pyramid
from .readings import Answer, Face, Frame, Reading

Picture = bytes | str | Path | np.ndarray


class Recognizer:
    """Finds the faces of a picture and reads their expressions; one recognizer serves any number of threads.

    Args:
        model: Name of an installed model; the default one if None.
        search: How hard to look for faces: "thorough" for stills, "quick" for streams.

    Raises:
        AssetError: the face detector's file cannot be had.
        ModelError: there is no such model, or it is damaged.

    Examples:
        >>> Recognizer().read("photo.jpg")[0].label  # doctest: +SKIP
        'happy'
    """

    def __init__(self, model: str | None = None, search: Search = "thorough"):
        self.search = search
        self._artifact = artifacts.Artifact(artifacts.folder_of(model or artifacts.default_model()))
        self.finder = FaceFinder()

    @property
    def artifact(self) -> artifacts.Artifact:
        """The model in use."""
        return self._artifact

    @property
    def card(self) -> Card:
        """Of the model in use."""
        return self._artifact.card

    def read(self, picture: Picture) -> list[Reading]:
        """The readings of a picture's faces, from left to right; none is no error.

        Args:
            picture: Encoded bytes, a path, or an array as `read_image` takes it.

        Raises:
            ImageError: the picture cannot be read.
        """
        return list(self.read_frame(picture).readings)

    def read_frame(self, picture: Picture) -> Frame:
        """The same with the picture's size, ready for drawing and for files."""
        pyramid = Pyramid(read_image(picture))
        faces = self.finder.find(pyramid, self.search)
        return Frame(width=pyramid.width, height=pyramid.height, readings=tuple(self.answer(faces)))

    def answer(self, faces: list[Face]) -> list[Reading]:
        """Read faces that were found already."""
        if not faces:
            return []
        features = [self._artifact.feature.compute(face.crop, face) for face in faces]
        answers = iter(self._answers([feature for feature in features if feature is not None]))
        return [
            Reading(face, self._no_answer() if feature is None else next(answers))
            for face, feature in zip(faces, features, strict=True)
        ]

    def _answers(self, features: list[np.ndarray]) -> list[dict[str, Answer]]:
        if not features:
            return []
        predicted = self._artifact.predict(np.stack(features))
        return [
            {name: self._answer(name, values[row]) for name, values in predicted.items()}
            for row in range(len(features))
        ]

    def _no_answer(self) -> dict[str, Answer]:
        """To a face that the model cannot see in its way: every expression alike, so that it is unsure."""
        return {
            name: self._answer(name, np.full(len(output.labels), -np.log(len(output.labels))))
            for name, output in self.card.outputs.items()
        }

    def _answer(self, label_set: str, log_probabilities: np.ndarray) -> Answer:
        output = self.card.outputs[label_set]
        values = (float(value) for value in np.exp(log_probabilities))
        return Answer(dict(zip(output.labels, values, strict=True)), output.unsure_below)
