"""Finding every face in a picture: the detector on many windows, then on close-ups of what it found.

A detection is one answer of the detector. Detections become candidates; a candidate is a face when the detector, on a
few close-ups of it, finds it again with a score above a bar.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Literal

import cv2
import numpy as np

from ..readings import Face, FaceQuality
from ..runtime.pool import workers
from . import alignment, tiles
from .detector import SIZE, Detection, Detector
from .face_check import face_likelihood
from .geometry import intersection_over_union, mirrored, window
from .pyramid import Pyramid

Search = Literal["quick", "thorough"]
"""How hard to search; see `FaceFinder.find`."""

QUICK_BAR = 0.6
"""Score in the close-up from which the quick search believes a candidate."""

FOLLOW_BAR = 0.5
"""Score in the close-up from which a face that was there a moment ago is still there."""

NEW_BAR = 0.65
"""Mean score over three close-ups from which a face appears in a stream."""

CANDIDATE_BAR = 0.48
"""Score in a tile from which the thorough search takes close-ups."""

THOROUGH_BAR = 0.42
"""Mean score over eight close-ups, less `WOBBLE`, from which the thorough search believes a candidate: wheels and hands
stay below, faces that the picture's edge cuts in half above."""

DOUBTFUL_BAR = 0.22
"""Mean score over eight close-ups, less `WOBBLE`, from which the crop decides, by `CROP_BAR`."""

CROP_BAR = 0.88
"""Probability of `face_likelihood` from which the crop is believed: nearly all between the two bars that is no face
stays below."""

WOBBLE = 6.0
"""What it costs that eyes and mouth lie elsewhere from close-up to close-up: a face's stay where they are within 2 % of
its side, what is taken for them in a wheel or a leaf moves by 8 %."""

MOST_FACES = 300
"""How many faces of one picture are returned, the surest first. A picture made of nothing but tiny faces would keep a
server busy for hours."""

_SAME = 0.3  # intersection over union from which two detections in a picture are of one face
_FOUND_AGAIN = 0.4  # intersection over union above which a close-up has found its candidate again
_HIGHEST = 0.93  # about the most that a face scores on average
_SURE = 0.8  # mean score over four close-ups that needs no more of them

# Close-ups of a candidate: side of the window in units of its box, extra turn in degrees, whether mirrored.
_CLOSE_UPS = (
    (2.3, 0, False),
    (1.6, 0, True),
    (3.2, 0, False),
    (2.0, -12, False),
    (2.0, 12, False),
    (1.6, 0, False),
    (2.3, 0, True),
    (3.2, 0, True),
)


class FaceFinder:
    """Finds faces; one finder serves any number of threads.

    Raises:
        AssetError: The detector's model file cannot be had.
    """

    def __init__(self) -> None:
        self._detector = Detector()
        self._fast_detector = Detector(cores=min(2, os.cpu_count() or 1))  # for when nothing runs beside it

    def __reduce__(self) -> tuple[type[FaceFinder], tuple[()]]:
        return FaceFinder, ()  # another process loads the networks itself

    def find(self, pyramid: Pyramid, search: Search = "thorough") -> list[Face]:
        """The faces in a picture, from left to right.

        Args:
            pyramid: The picture.
            search: "quick" searches the whole picture at once and takes one close-up of what it finds: faces of a
                seventh of its side or more. "thorough" searches overlapping tiles of every size down to
                `tiles.SMALLEST`, and takes up to eight close-ups of whatever might be a face.
        """
        found = self._quick(pyramid) if search == "quick" else self._thorough(pyramid)
        return _faces(pyramid, found)

    def follow(self, pyramid: Pyramid, known: Sequence[Face], scan: Sequence[np.ndarray]) -> list[Face]:
        """The faces in the next picture of a stream, from left to right.

        A close-up is taken wherever a face was before, and a few other windows are searched, so that a new face is
        found before long.

        Args:
            pyramid: The picture.
            known: The faces last seen, where they are expected now.
            scan: Windows of `tiles` in which to search for new faces.
        """
        expected = [Detection(face.score, np.array(face.eyes), np.array(face.box)) for face in known]
        found = [self._confirm(pyramid, candidate, _CLOSE_UPS[:1], FOLLOW_BAR) for candidate in expected]
        found = _distinct(each for each in found if each and _is_inside(each, pyramid))
        for candidate in _distinct(each for matrix in scan for each in self._detector.detect(pyramid, matrix)):
            if _is_inside(candidate, pyramid) and not _is_one_of(found, candidate):
                found += filter(None, [self._confirm(pyramid, candidate, _CLOSE_UPS[:3], NEW_BAR)])
        return _faces(pyramid, _distinct(found))

    def _quick(self, pyramid: Pyramid) -> list[Detection]:
        detections = self._fast_detector.detect(pyramid, tiles.whole(pyramid, border=0.0))
        candidates = _distinct(each for each in detections if _is_inside(each, pyramid))
        # One close-up throws out most of what is no face, and places eyes and mouth twice as exactly.
        confirm = partial(self._confirm, pyramid, close_ups=_CLOSE_UPS[:1], bar=QUICK_BAR, detector=self._fast_detector)
        return _distinct(filter(None, map(confirm, candidates)))

    def _thorough(self, pyramid: Pyramid) -> list[Detection]:
        searched = workers().map(partial(self._detector.detect, pyramid), list(tiles.pyramid_tiles(pyramid)))
        likely = (each for detections in searched for each in detections if each.score >= CANDIDATE_BAR)
        candidates = _distinct(each for each in likely if _is_inside(each, pyramid))
        bars = {"bar": THOROUGH_BAR, "doubtful_bar": DOUBTFUL_BAR, "wobble": WOBBLE}
        confirmed = workers().map(partial(self._confirm, pyramid, close_ups=_CLOSE_UPS, **bars), candidates)
        return _distinct(each for each in confirmed if each and _is_inside(each, pyramid))

    def _confirm(
        self,
        pyramid: Pyramid,
        candidate: Detection,
        close_ups: Sequence[tuple[float, float, bool]],
        bar: float,
        doubtful_bar: float | None = None,
        wobble: float = 0.0,
        detector: Detector | None = None,
    ) -> Detection | None:
        """Detect again in close-ups; what they found on average, or None where it is no face.

        Between `doubtful_bar` and `bar` the crop decides.
        """
        least = bar if doubtful_bar is None else doubtful_bar
        across = candidate.points[1] - candidate.points[0]
        roll = np.degrees(np.arctan2(across[1], across[0]))
        x, y, side, _ = candidate.box
        centre = (x + side / 2, y + side / 2)
        again: list[Detection] = []
        for done, (reach, turn, is_mirrored) in enumerate(close_ups, start=1):
            matrix = window(centre, side * reach, SIZE, turn=roll + turn)
            matrix = mirrored(matrix, SIZE) if is_mirrored else matrix
            detections = (detector or self._detector).detect(pyramid, matrix)
            same = [each for each in detections if intersection_over_union(each.box, candidate.box) > _FOUND_AGAIN]
            again.extend(sorted(same, key=lambda each: -each.score)[:1])
            total = sum(each.score for each in again)
            if total + _HIGHEST * (len(close_ups) - done) < least * len(close_ups):
                return None  # even the highest scores from here on would not be enough
            if done >= 4 and total > _SURE * done:
                break
        points, box = (np.array([getattr(each, part) for each in again]) for part in ("points", "box"))
        moved = np.median(points[:, :4].std(axis=0)) / np.median(box[:, 2])
        mean = Detection(score=total / done, points=np.median(points, axis=0), box=np.median(box, axis=0))
        belief = mean.score - wobble * moved
        if belief >= bar or (belief >= least and face_likelihood(crop_of(pyramid, mean)) >= CROP_BAR):
            return mean
        return None


def _distinct(detections: Iterable[Detection]) -> list[Detection]:
    """The surest of each group that lie on one another (non-maximum suppression), `MOST_FACES` of them at most."""
    ordered = sorted(detections, key=lambda each: -each.score)
    boxes = np.array([each.box for each in ordered]).reshape(-1, 4)
    is_free, kept = np.ones(len(ordered), bool), []
    while is_free.any() and len(kept) < MOST_FACES:
        best = int(is_free.argmax())
        kept.append(ordered[best])
        is_free &= intersection_over_union(boxes, boxes[best]) < _SAME
        is_free[best] = False  # also where its box is so odd that it does not lie on itself
    return kept


def _is_one_of(detections: Iterable[Detection], one: Detection) -> bool:
    return any(intersection_over_union(one.box, other.box) >= _SAME for other in detections)


def _is_inside(detection: Detection, pyramid: Pyramid) -> bool:
    """Whether the face lies in the picture, not in the mirror image beyond its edge."""
    x, y = detection.box[:2] + detection.box[2:] / 2
    margin = 0.1 * detection.box[2]
    return -margin <= x <= pyramid.width + margin and -margin <= y <= pyramid.height + margin


def crop_of(pyramid: Pyramid, detection: Detection) -> np.ndarray:
    """The aligned crop of a detected face, uint8 RGB (48, 48, 3)."""
    left, right, _, mouth = detection.points[:4]
    return alignment.align(pyramid, (left, right), mouth)


def quality_of(pyramid: Pyramid, crop: np.ndarray, detection: Detection) -> FaceQuality:
    """How well a face can be seen.

    Args:
        pyramid: The picture.
        crop: The face's aligned crop, uint8 RGB (48, 48, 3).
        detection: The face in the picture.
    """
    box, (left, right, nose) = detection.box, detection.points[:3]
    across = right - left
    distance = float(np.hypot(*across))
    aside = abs((nose - (left + right) / 2) @ across) / max(distance, 1e-6) ** 2
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    detail = cv2.Laplacian(grey, cv2.CV_32F).std() / (grey.std() + 1.0)
    corners = np.clip([box[:2], box[:2] + box[2:]], 0, (pyramid.width, pyramid.height))
    return FaceQuality(
        inside=float(np.prod(corners[1] - corners[0]) / np.prod(box[2:])),
        pixels=distance,
        turn=float(min(aside, 1.0)),
        roll=float(np.degrees(np.arctan2(across[1], across[0]))),
        sharpness=float(min(detail, 1.0)),
        light=float(grey.mean() / 255),
    )


def _faces(pyramid: Pyramid, detections: Iterable[Detection]) -> list[Face]:
    """From left to right."""
    return [_face(pyramid, each) for each in sorted(detections, key=lambda each: each.box[0])]


def _face(pyramid: Pyramid, detection: Detection) -> Face:
    left, right, _, mouth = (tuple(float(value) for value in point) for point in detection.points[:4])
    crop = crop_of(pyramid, detection)
    return Face(
        box=tuple(float(value) for value in detection.box),
        score=float(detection.score),
        eyes=(left, right),
        mouth=mouth,
        quality=quality_of(pyramid, crop, detection),
        crop=crop,
    )
