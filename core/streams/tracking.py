"""Tracking: which faces of a stream's pictures are one and the same over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from ..readings import Face

_SIDE = 12
_LIGHTNESS_BINS, _COLOUR_BINS = 6, 8
_MEAN_LIGHTNESS = 110.0  # every crop is brought to it, or a flickering lamp would look like another person


def appearance_of(crop: np.ndarray) -> np.ndarray:
    """What a crop looks like, as a unit vector; the dot product of two such vectors is their likeness, about 0 to 1.

    Half of it is the crop at 12x12 pixels, which tells two people looking the same way apart from one picture to the
    next; half is a histogram of its colours, which outlasts a turned head. On a film's turning head the likeness to a
    second before is 0.55 or more at 95 of 100 moments; of two people in different pictures it is below 0.77 at as many.

    Args:
        crop: Uint8 RGB (48, 48, 3).

    Returns:
        Float32 (816,).
    """
    small = cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    return np.concatenate([_unit(small - small.mean()), _unit(np.sqrt(_colours(crop)))]) * np.float32(np.sqrt(0.5))


def _colours(crop: np.ndarray) -> np.ndarray:
    lab = cv2.cvtColor(cv2.resize(crop, (24, 24), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 0] = np.minimum(lab[..., 0] * (_MEAN_LIGHTNESS / max(lab[..., 0].mean(), 10.0)), 255)
    bins = [_LIGHTNESS_BINS, _COLOUR_BINS, _COLOUR_BINS]
    counts = cv2.calcHist([lab], [0, 1, 2], None, bins, [0, 256, 96, 176, 96, 192])
    # Spread over the neighbouring bins along each axis, so that a slight tint moves little.
    counts = _BLUR[:_LIGHTNESS_BINS, :_LIGHTNESS_BINS] @ counts.reshape(_LIGHTNESS_BINS, -1)
    return _BLUR @ counts.reshape(bins) @ _BLUR


def _unit(vector: np.ndarray) -> np.ndarray:
    vector = vector.ravel()
    return vector / (np.linalg.norm(vector) + 1e-6)


_BLUR = np.eye(_COLOUR_BINS, dtype=np.float32) * 2
_BLUR += np.eye(_COLOUR_BINS, k=1, dtype=np.float32) + np.eye(_COLOUR_BINS, k=-1, dtype=np.float32)


HIDDEN_S = 1.0
"""How long a face may be missing from the pictures and still keep its number, in seconds."""

PAUSE_S = 3.0
"""How long there may be no picture at all, in seconds, for the faces before to keep their numbers."""

# Lengths are in sides of the face's box and times in seconds, so that neither resolution nor frame rate matters.
_NEAR, _SPEED, _FAR = 0.3, 2.5, 1.5  # how far a face strays from where it is expected: at once, per second, at most
_ELSEWHERE = 0.9  # misfit of any place, however far: only a face that looks all but the same is believed there
_RESIZE = 0.5  # log of the growth that is as unlikely as another person
_UNLIKE, _UNLIKE_LATER, _LATER_S = 0.35, 0.5, 0.25  # unlikeness of another person: at once, and after this long
_CALM = 0.15  # misfit that a face seldom reaches from one picture to the next, and another person seldom stays below
_VELOCITY_S = 0.12  # memory of the velocity; long enough for the detector's jitter at 60 frames a second to cancel
_COASTING_S = 0.4  # how long a face that is not seen goes on moving
_APPEARANCE_S = 0.5  # memory of the appearance


@dataclass
class _Track:
    number: int
    face: Face
    place: np.ndarray  # centre of the face's box, in pixels
    side: float  # side length of the face's box, in pixels
    velocity: np.ndarray  # pixels a second
    appearances: np.ndarray  # (2, n): the last one and the usual one
    seen_s: float
    missing_s: float | None = None  # since when it is missing

    def is_gone(self, time_s: float) -> bool:
        return time_s - self.seen_s > PAUSE_S or (self.missing_s is not None and time_s - self.missing_s > HIDDEN_S)

    def shift(self, time_s: float) -> np.ndarray:
        """How far it should have moved since it was seen, in pixels."""
        return self.velocity * _COASTING_S * _forgotten(time_s - self.seen_s, _COASTING_S)

    def see(self, time_s: float, face: Face, place: np.ndarray, side: float, appearance: np.ndarray) -> None:
        passed = time_s - self.seen_s
        if np.hypot(*(place - self.place - self.shift(time_s))) > _FAR * side:
            self.velocity = np.zeros(2)  # known by its appearance after a cut or a gap: no movement
        elif passed > 0:
            newest = (place - self.place) / passed
            self.velocity = self.velocity + (newest - self.velocity) * _forgotten(passed, _VELOCITY_S)
        usual = self.appearances[1] + (appearance - self.appearances[1]) * _forgotten(passed, _APPEARANCE_S)
        self.appearances = np.stack([appearance, usual / (np.linalg.norm(usual) + 1e-6)])
        self.face, self.place, self.side, self.seen_s, self.missing_s = face, place, side, time_s, None


class Tracker:
    """Gives each face of a stream a number that it keeps while it moves, is hidden for a second, or crosses another.

    Faces are matched with those of before by where each was going, by size and by appearance, all at once (the
    Hungarian method), as in SORT (Bewley et al. 2016) with the appearance of DeepSORT (Wojke et al. 2017). A face in
    the place of another that looks like someone else, as after a cut in a film, gets a number of its own.

    Examples:
        >>> Tracker().update(0.0, [])
        []
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._last_number = 0
        self._now_s = -np.inf
        self._interval_s = 0.0

    def update(self, time_s: float, faces: Sequence[Face]) -> list[int]:
        """The number of each face, counted from 1; no number is ever given to another face.

        Args:
            time_s: Time of the picture, in seconds; one before the last counts as the last.
            faces: All faces found in the picture.
        """
        if time_s > self._now_s:
            self._interval_s = time_s - self._now_s if self._tracks else 0.0
            self._now_s = time_s
        self._tracks = [track for track in self._tracks if not track.is_gone(self._now_s)]
        numbers = self._numbers(faces) if faces else []
        for track in self._tracks:
            if track.number not in numbers and track.missing_s is None:
                track.missing_s = self._now_s
        return numbers

    def expected(self, time_s: float | None = None) -> list[Face]:
        """The faces that have a number, hidden ones too, each as last found and moved to where it should be.

        Args:
            time_s: Time for which to expect them, in seconds; None for that of the next picture at the present rate.
        """
        time_s = self._now_s + self._interval_s if time_s is None else time_s
        return [_moved(track.face, *track.shift(time_s)) for track in self._tracks if not track.is_gone(time_s)]

    def _numbers(self, faces: Sequence[Face]) -> list[int]:
        boxes = np.array([face.box for face in faces], dtype=float)
        places, sides = boxes[:, :2] + boxes[:, 2:] / 2, np.sqrt(np.maximum(boxes[:, 2:].prod(axis=1), 1.0))
        appearances = np.stack([appearance_of(face.crop) for face in faces])
        known = self._match(places, sides, appearances)
        found = zip(faces, places, sides, appearances, strict=True)
        return [self._see(known.get(row), *each) for row, each in enumerate(found)]

    def _match(self, places: np.ndarray, sides: np.ndarray, appearances: np.ndarray) -> dict[int, _Track]:
        """The track of each row that has one."""
        if not self._tracks:
            return {}
        misfit = np.minimum(self._misfit(places, sides, appearances), 1.0)  # 1 is as bad as being a new face
        pairs = [pair for pair in zip(*linear_sum_assignment(misfit), strict=True) if misfit[pair] < 1.0]
        if len(sides) > 2 * len(pairs):  # mostly new faces at once: likely a new shot, where places mean little
            pairs = [pair for pair in pairs if misfit[pair] < _CALM]
        return {row: self._tracks[column] for row, column in pairs}

    def _misfit(self, places: np.ndarray, sides: np.ndarray, appearances: np.ndarray) -> np.ndarray:
        """Float (faces, tracks): how badly each face fits each track; from 1 on it is rather another one's."""
        hidden_s = np.array([self._now_s - track.seen_s for track in self._tracks])
        expected = np.stack([track.place + track.shift(self._now_s) for track in self._tracks])
        known_sides = np.array([track.side for track in self._tracks])
        reach = np.minimum(_NEAR + _SPEED * hidden_s, _FAR) * np.sqrt(known_sides * sides[:, None])
        strayed = np.linalg.norm(places[:, None] - expected, axis=2) / reach
        grown = np.log(sides[:, None] / known_sides) / (_RESIZE * (1 + hidden_s))
        known = np.stack([track.appearances for track in self._tracks])
        likeness = np.einsum("fn,tln->ftl", appearances, known).max(axis=2)
        unlike = _UNLIKE + (_UNLIKE_LATER - _UNLIKE) * np.minimum(hidden_s / _LATER_S, 1.0)
        return np.minimum(strayed**2 + grown**2, _ELSEWHERE) + (np.maximum(1 - likeness, 0) / unlike) ** 2

    def _see(self, track: _Track | None, face: Face, place: np.ndarray, side: float, appearance: np.ndarray) -> int:
        if track is None:
            self._last_number += 1
            track = _Track(
                self._last_number, face, place, side, np.zeros(2), np.stack([appearance, appearance]), self._now_s
            )
            self._tracks.append(track)
        else:
            track.see(self._now_s, face, place, side, appearance)
        return track.number


def _forgotten(passed_s: float, memory_s: float) -> float:
    """Share of the past that is forgotten after a while, 0 to 1."""
    return float(-np.expm1(-max(passed_s, 0.0) / memory_s))


def _moved(face: Face, x: float, y: float) -> Face:
    left, top, width, height = face.box
    eyes = tuple((eye[0] + x, eye[1] + y) for eye in face.eyes)
    return replace(
        face, box=(left + x, top + y, width, height), eyes=eyes, mouth=(face.mouth[0] + x, face.mouth[1] + y)
    )
