"""Face, Reading, Frame: what comes out when a picture goes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Point = tuple[float, float]


@dataclass(frozen=True)
class FaceQuality:
    """How well a face can be seen.

    Attributes:
        inside: Share of the face that lies in the picture.
        pixels: Distance between the eyes, in pixels of the picture.
        turn: Head turned aside: 0 looks at the camera, 1 is a profile.
        roll: Head tilted, in degrees, positive clockwise in the picture.
        sharpness: 0 is fully blurred, 1 full of detail; 99 of 100 FER2013 images are above 0.46.
        light: Mean brightness of the face, 0 to 1.
    """

    inside: float
    pixels: float
    turn: float
    roll: float
    sharpness: float
    light: float

    @property
    def hints(self) -> tuple[str, ...]:
        """What the person could do to be read better; empty for a good view."""
        return tuple(
            hint
            for is_bad, hint in (
                (self.inside < 0.8, "cut off: move into the picture"),
                (self.pixels < 12, "too small: come closer"),
                (self.turn > 0.55, "turn to the camera"),
                (self.light < 0.18, "too dark: add light"),
                (self.light > 0.92, "too bright: soften the light"),
                (self.sharpness < 0.25, "blurred: hold still or focus"),
            )
            if is_bad
        )


@dataclass(frozen=True)
class Face:
    """A face in a picture, in pixels of that picture.

    Attributes:
        box: Left, top, width, height; may reach over the picture's edge.
        score: How sure the detector is, 0 to 1.
        eyes: The eye on the left of the picture, then the one on the right, as (x, y).
        mouth: The middle of the mouth.
        quality: How well the face can be seen.
        crop: Uint8 RGB (48, 48, 3): the face, upright, in the one frame that every model sees.
        mesh: Float32 (478, 3) points of the face, x and y in pixels and z in the same unit, where asked for.
        blendshapes: MediaPipe's 52 movements by name, 0 to 1, where asked for.
    """

    box: tuple[float, float, float, float]
    score: float
    eyes: tuple[Point, Point]
    mouth: Point
    quality: FaceQuality
    crop: np.ndarray = field(repr=False, compare=False)
    mesh: np.ndarray | None = field(default=None, repr=False, compare=False)
    blendshapes: Mapping[str, float] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Answer:
    """Calibrated probabilities over one label set.

    Attributes:
        probabilities: Each label's, in the label set's order; they sum to 1.
        unsure_below: The confidence under which the model would rather not say; 0 where it always does.
        held: In a stream, the label that is kept until another is clearly ahead.
    """

    probabilities: Mapping[str, float]
    unsure_below: float = 0.0
    held: str | None = None

    @property
    def label(self) -> str:
        """The held label, else the likeliest."""
        return self.held or max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """The label's probability."""
        return self.probabilities[self.label]

    @property
    def unsure(self) -> bool:
        """Whether the confidence is below the model's own bar."""
        return self.confidence < self.unsure_below

    @property
    def blank(self) -> bool:
        """Whether all labels are alike: the model could not see the face in its way."""
        return min(self.probabilities.values()) == max(self.probabilities.values())


@dataclass(frozen=True)
class Reading:
    """What one model says of one face: an answer for each of its label sets, the main one first.

    Attributes:
        face: The face.
        answers: By label set; in a stream smoothed over time.
        number: In a stream, the face's own: it keeps it while it can be followed.
        raw: In a stream or with a personal baseline, the model's plain answers to this very picture.
    """

    face: Face
    answers: Mapping[str, Answer]
    number: int | None = None
    raw: Mapping[str, Answer] | None = None

    @property
    def answer(self) -> Answer:
        """The answer in the model's main label set."""
        return next(iter(self.answers.values()))

    @property
    def label(self) -> str:
        """The likeliest label of the main answer."""
        return self.answer.label

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.answer.confidence

    @property
    def probabilities(self) -> Mapping[str, float]:
        """The main answer's probabilities."""
        return self.answer.probabilities

    @property
    def unsure(self) -> bool:
        """Whether the model would rather not say."""
        return self.answer.unsure


@dataclass(frozen=True)
class Frame:
    """One picture of a stream with its readings; a still picture is frame 0 at 0 seconds."""

    width: int
    height: int
    readings: tuple[Reading, ...]
    index: int = 0
    time_s: float = 0.0
