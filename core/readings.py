"""Face, Answer, Reading and Frame: what comes out when a picture goes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Point = tuple[float, float]
"""Position (x, y), in pixels of the picture."""

FAR_ASIDE = 30.0
"""Yaw, in degrees to either side, from which a face is too much of a profile to be read well."""

FAR_UP_OR_DOWN = 25.0
"""Pitch, in degrees up or down, from which a face is too foreshortened to be read well."""


@dataclass(frozen=True)
class HeadPose:
    """How a head is turned, seen from the camera: all three are 0 for a face that looks straight into it, upright.

    Attributes:
        yaw: Turn to the side, in degrees, positive to the person's own left, which is the right of the picture.
        pitch: Turn up or down, in degrees, positive upwards.
        roll: Tilt, in degrees, positive clockwise in the picture, towards the person's own left shoulder.
    """

    yaw: float
    pitch: float
    roll: float

    @property
    def hint(self) -> str | None:
        """What to do about a head that is turned too far to be read well; None where it is not."""
        if abs(self.yaw) >= FAR_ASIDE:
            return f"turned {abs(self.yaw):.0f}° to the {'left' if self.yaw > 0 else 'right'}: turn to the camera"
        if abs(self.pitch) >= FAR_UP_OR_DOWN:
            return f"turned {abs(self.pitch):.0f}° {'up' if self.pitch > 0 else 'down'}: look into the camera"
        return None


@dataclass(frozen=True)
class FaceQuality:
    """Measures of how well a face can be seen.

    Attributes:
        inside: Share of the face that lies in the picture, 0 to 1.
        pixels: Distance between the eyes, in pixels of the picture.
        turn: Turn of the head aside, from 0, towards the camera, to 1, a profile.
        roll: Tilt of the head, in degrees, positive clockwise in the picture.
        sharpness: Detail of the face, from 0, fully blurred, to 1; 99 of 100 FER2013 images are above 0.46.
        light: Mean brightness of the face, 0 to 1.
        pose: How the head is turned; None where the mesh was not asked for, or not found.
    """

    inside: float
    pixels: float
    turn: float
    roll: float
    sharpness: float
    light: float
    pose: HeadPose | None = None

    @property
    def hints(self) -> tuple[str, ...]:
        """Hints for the person on how to be read better; empty where the face can be seen well."""
        turned = self.pose.hint if self.pose else "turn to the camera" if self.turn > 0.55 else None
        return tuple(
            hint
            for is_bad, hint in (
                (self.inside < 0.8, "cut off: move into the picture"),
                (self.pixels < 12, "too small: come closer"),
                (turned, turned),
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
        box: Left, top, width and height; may reach over the picture's edge.
        score: Confidence of the detector, 0 to 1.
        eyes: Position of the eye on the left of the picture, then of the one on the right.
        mouth: Position of the middle of the mouth.
        quality: Measures of how well the face can be seen.
        crop: Uint8 RGB (48, 48, 3): the face, upright, in the frame that all features are computed from.
        mesh: Float32 (478, 3), or (468, 3) where only the smaller network is on this machine: the points of the face,
            x and y in pixels and z in the same unit; None if not asked for, or not found.
        blendshapes: MediaPipe's 52 movements by name, 0 to 1; None without a mesh of 478 points.
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
        probabilities: Probability of each label, in the label set's order; they sum to 1.
        unsure_below: Confidence below which the answer is unsure; 0 for never.
        held: Label that is kept in a stream until another is clearly ahead; None in a picture.

    Examples:
        >>> answer = Answer({"happy": 0.6, "sad": 0.4}, unsure_below=0.7)
        >>> answer.label, answer.confidence, answer.unsure
        ('happy', 0.6, True)
    """

    probabilities: Mapping[str, float]
    unsure_below: float = 0.0
    held: str | None = None

    @property
    def label(self) -> str:
        """The held label, or the likeliest one."""
        return self.held or max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """The probability of the label, 0 to 1."""
        return self.probabilities[self.label]

    @property
    def unsure(self) -> bool:
        """Whether the confidence is below `unsure_below`."""
        return self.confidence < self.unsure_below

    @property
    def words(self) -> str:
        """The answer as a page tells it: "happy, 97%", or "unsure (perhaps sad, 42%)"."""
        likely = f"{self.label}, {self.confidence:.0%}"
        return f"unsure (perhaps {likely})" if self.unsure else likely

    @property
    def blank(self) -> bool:
        """Whether all labels are equally likely, because the model's feature was not found in the face."""
        return min(self.probabilities.values()) == max(self.probabilities.values())


@dataclass(frozen=True)
class Reading:
    """What one model answers to one face.

    Attributes:
        face: The face.
        answers: Answers by label set, the main one first; in a stream smoothed over time.
        number: Number that the face keeps in a stream while it can be followed; None in a picture.
        raw: The model's plain answers to this picture, in a stream or with a personal baseline; None elsewhere.
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
        """The label of the main answer."""
        return self.answer.label

    @property
    def confidence(self) -> float:
        """The confidence of the main answer, 0 to 1."""
        return self.answer.confidence

    @property
    def probabilities(self) -> Mapping[str, float]:
        """The probabilities of the main answer, by label."""
        return self.answer.probabilities

    @property
    def unsure(self) -> bool:
        """Whether the main answer is unsure."""
        return self.answer.unsure


@dataclass(frozen=True)
class Frame:
    """One picture, alone or of a stream, with its readings.

    Attributes:
        width: Width of the picture, in pixels.
        height: Height of the picture, in pixels.
        readings: Readings of the faces in it, from left to right.
        index: Number of the picture in a stream, from 0.
        time_s: Time of the picture in a stream, in seconds.
    """

    width: int
    height: int
    readings: tuple[Reading, ...]
    index: int = 0
    time_s: float = 0.0
