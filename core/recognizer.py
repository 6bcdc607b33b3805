"""Recognizer: a picture goes in, readings come out."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .cards import Card
from .corrections import Baseline
from .errors import ImageError, ModelError
from .faces.finder import FaceFinder, Search
from .faces.landmarker import MeshFinder
from .faces.pyramid import Pyramid
from .images import Picture, read_image
from .inference.artifact import Artifact
from .inference.installed import default_model
from .model_store import folder_of
from .readings import Answer, Face, Frame, Reading


class Recognizer:
    """Finds the faces of a picture and reads their expressions; one recognizer serves any number of threads.

    Args:
        model: Name of an installed model; the default one if None.
        search: How faces are searched for; see `FaceFinder.find`. "thorough" finds most; "quick" is made for streams;
            "crop" searches nothing, for pictures that are one face already.
        baseline: One or several pictures of one person at rest, each with that person's face as the largest, for
            reading pictures of that person: what is usual for the face is taken off the answers.
        mesh: Whether to find the points of each face too, its head pose, and the 52 movements where they can be had.
        cores: Number of processor cores that the model may use for one face. Two are a third faster for one picture
            after the other, and slower where many are read at the same time.

    Attributes:
        search: As given.
        finder: The face finder in use.
        mesh: Finder of the points of faces; None where no points are wanted.
        baseline: Baseline taken from those pictures, else None.

    Raises:
        AssetError: The face detector's file is missing and cannot be fetched, or that of the mesh if it is asked for.
        ImageError: No baseline can be taken from a picture.
        ModelError: There is no such model, it is damaged, or it does not answer "neutral" and so takes no baseline.

    Examples:
        >>> Recognizer().read("photo.jpg")[0].label  # doctest: +SKIP
        'happy'
    """

    def __init__(
        self,
        model: str | None = None,
        search: Search = "thorough",
        baseline: Picture | Sequence[Picture] | None = None,
        mesh: bool = False,
        cores: int = min(2, os.cpu_count() or 1),
    ):
        self.search = search
        self._artifact = Artifact(folder_of(model or default_model()), cores)
        self.finder = FaceFinder()
        self.mesh = MeshFinder() if mesh else None
        self.baseline = self._baseline_of(baseline)

    def with_baseline(self, pictures: Picture | Sequence[Picture] | None) -> Recognizer:
        """Another recognizer, for pictures of one person; it shares the loaded model with this one.

        Args:
            pictures: One or several pictures of the person at rest, each with that person's face as the largest; None
                for no baseline.

        Raises:
            ImageError: No baseline can be taken from a picture.
            ModelError: The model does not answer "neutral".
        """
        other = copy.copy(self)
        other.baseline = self._baseline_of(pictures)
        return other

    def with_search(self, search: Search) -> Recognizer:
        """Another recognizer that searches in another way; it shares the loaded model with this one.

        Args:
            search: How faces are searched for; see `FaceFinder.find`.
        """
        other = copy.copy(self)
        other.search = search
        return other

    @property
    def artifact(self) -> Artifact:
        """The model in use."""
        return self._artifact

    @property
    def card(self) -> Card:
        """The card of the model in use."""
        return self._artifact.card

    def read(self, picture: Picture) -> list[Reading]:
        """Readings of the faces in a picture, from left to right; a picture without faces gives none.

        With a baseline, every face counts as that person's, and `Reading.raw` holds the plain answers.

        Args:
            picture: Bytes or path of an image file, or a uint8 array; see `read_image`.

        Raises:
            ImageError: The picture cannot be read.
        """
        return list(self.read_frame(picture).readings)

    def read_frame(self, picture: Picture) -> Frame:
        """Readings of a picture, as `read` gives them, with the picture's size; drawing and sinks take a frame.

        Args:
            picture: Bytes or path of an image file, or a uint8 array; see `read_image`.

        Raises:
            ImageError: The picture cannot be read.
        """
        pyramid = Pyramid(read_image(picture))
        faces = self.finder.find(pyramid, self.search)
        if self.mesh:
            faces = self.mesh.add_to(faces, pyramid, most=len(faces))
        readings = self.answer(faces)
        if self.baseline:
            readings = [replace(one, answers=self.baseline.correct(one.answers), raw=one.answers) for one in readings]
        return Frame(width=pyramid.width, height=pyramid.height, readings=tuple(readings))

    def answer(self, faces: list[Face]) -> list[Reading]:
        """Readings of faces that were found already, in their order, without a baseline.

        Args:
            faces: Faces with their crops; each gets a reading, a blank one where the feature is not found.
        """
        if not faces:
            return []
        features = [self._artifact.feature.compute(face.crop) for face in faces]
        answers = iter(self._answers([feature for feature in features if feature is not None]))
        return [
            Reading(face, self._no_answer() if feature is None else next(answers))
            for face, feature in zip(faces, features, strict=True)
        ]

    def _baseline_of(self, pictures: Picture | Sequence[Picture] | None) -> Baseline | None:
        if isinstance(pictures, Picture):
            pictures = [pictures]
        if not pictures:
            return None
        if "neutral" not in self.card.taught(next(iter(self.card.outputs))):
            raise ModelError(
                f'model {self.card.name!r} does not answer "neutral", so it takes no baseline; use another'
            )
        return Baseline.of(map(self._at_rest, pictures), self.card)

    def _at_rest(self, picture: Picture) -> Mapping[str, Answer]:
        """The plain answers to the largest face of a picture."""
        where = picture if isinstance(picture, str | Path) else "this picture"
        search = "thorough" if self.search == "quick" else self.search
        faces = self.finder.find(Pyramid(read_image(picture)), search)
        if not faces:
            raise ImageError(f"No baseline can be taken from {where}: it shows no face; choose another picture.")
        (reading,) = self.answer([max(faces, key=lambda face: face.box[2] * face.box[3])])
        if reading.answer.blank:
            raise ImageError(
                f"No baseline can be taken from {where}: model {self.card.name!r} finds no mesh in the face; "
                "choose another picture or model."
            )
        return reading.answers

    def _answers(self, features: list[np.ndarray]) -> list[dict[str, Answer]]:
        if not features:
            return []
        predicted = self._artifact.predict(np.stack(features))
        return [
            {name: self._answer(name, values[row]) for name, values in predicted.items()}
            for row in range(len(features))
        ]

    def _no_answer(self) -> dict[str, Answer]:
        """The blank answer where the feature is not found: every label is equally likely, so it is unsure."""
        return {
            name: self._answer(name, np.full(len(output.labels), -np.log(len(output.labels))))
            for name, output in self.card.outputs.items()
        }

    def _answer(self, label_set: str, log_probabilities: np.ndarray) -> Answer:
        output = self.card.outputs[label_set]
        values = (float(value) for value in np.exp(log_probabilities))
        return Answer(dict(zip(output.labels, values, strict=True)), output.unsure_below)
