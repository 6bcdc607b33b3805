"""Finding every face in a picture: the detectors on a few windows, then on close-ups of what they found.

A detection is one answer of a detector. Detections become candidates; a candidate is a face when the detector, on
close-ups of it, finds it again, and where that leaves doubt, when `face_check` believes it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal

import cv2
import numpy as np

from ..errors import AssetError
from ..readings import Face
from ..runtime.pool import workers
from . import alignment, tiles
from .alignment import crop_of
from .close_ups import FIRST, FOUR, THREE, average, look_again
from .detector import FULL_RANGE, Detection, Detector
from .face_check import BAR, FILLING_BAR, FaceCheck
from .geometry import intersection_over_union, tilt
from .pyramid import Pyramid
from .quality import quality_of

Search = Literal["quick", "thorough", "crop"]
"""How to search; see `FaceFinder.find`."""

LIKELY_BAR = 0.4
"""Score from which a stream and the quick search take a close-up; the thorough search takes one of anything."""

QUICK_BAR = 0.6
"""Score in the close-up from which the quick search believes a candidate."""

FOLLOW_BAR = 0.5
"""Score in the close-up from which a face that was there a moment ago is still there."""

NEW_BAR = 0.65
"""Mean score over three close-ups from which a face appears in a stream."""

SURE = 0.75
"""Mean score over four close-ups from which the thorough search believes a candidate without `FaceCheck`."""

FIRST_BAR = 0.4
"""Score in the first close-up below which the thorough search takes no other: four in five of what the full-range
detector takes for a face are gone with that one look, and of 300 faces in photographs one."""

LEAST = 0.5
"""Mean score over four close-ups below which no other evidence counts."""

MOST_FACES = 300
"""How many faces of one picture are returned, the surest first. A picture made of nothing but tiny faces would keep a
server busy for hours."""

_SAME = 0.3  # intersection over union from which two detections in a picture are of one face
_FILLING = (0.45, 1.0)  # of the picture's shorter side that the box of a face takes which fills it
_HIGHEST = 0.93  # about the most that a face scores
_BORDER = 0.3  # around a picture, in units of its longer side, so that a face that fills it fills half the window
_SIDE_STEP, _PLACES, _TURN_STEP = 1.15, 8, 10.0  # of the window that follows a face: side, places a side, degrees


class FaceFinder:
    """Finds faces; one finder serves any number of threads.

    Raises:
        AssetError: The detector's model file cannot be had.
    """

    def __init__(self) -> None:
        self._near = Detector()
        self._fast = Detector(cores=min(2, os.cpu_count() or 1))  # for when nothing runs beside it

    def __reduce__(self) -> tuple[type[FaceFinder], tuple[()]]:
        return FaceFinder, ()  # another process loads the networks itself

    @functools.cached_property
    def _far(self) -> Detector:
        """What looks at tiles; on a machine without its file the other detector does, at many more of them."""
        return _far_detector() or self._near

    @functools.cached_property
    def _check(self) -> FaceCheck:
        return FaceCheck()

    def find(self, pyramid: Pyramid, search: Search = "thorough") -> list[Face]:
        """The faces in a picture, from left to right.

        Args:
            pyramid: The picture.
            search: "quick" searches the whole picture at once and takes one close-up of what it finds: faces of a
                seventh of its side or more. "thorough" searches tiles too, for faces down to `tiles.SMALLEST`, turns
                the picture where it found none, and takes several close-ups of whatever might be a face. "crop"
                searches nothing: the picture is one face, cut out as FER2013's images are.
        """
        match search:
            case "crop":
                return [_whole_as_face(pyramid)]
            case "quick":
                return _faces(pyramid, self._quick(pyramid))
        return _faces(pyramid, self._thorough(pyramid))

    def follow(self, pyramid: Pyramid, known: Sequence[Face], scan: Sequence[np.ndarray]) -> list[Face]:
        """The faces in the next picture of a stream, from left to right.

        A close-up is taken wherever a face was before, and a few other windows are searched, so that a new face is
        found before long.

        Args:
            pyramid: The picture.
            known: The faces last seen, where they are expected now.
            scan: Windows of `tiles` in which to search for new faces.
        """
        again = [each for face in known for each in look_again(self._near, pyramid, _settled(face), [FIRST])]
        found = _distinct(each for each in again if each and each.score >= FOLLOW_BAR and _is_inside(each, pyramid))
        scanned = (each for matrix in scan for each in self._near.detect(pyramid, matrix) if each.score >= LIKELY_BAR)
        for candidate in _distinct(scanned):
            if _is_inside(candidate, pyramid) and not _is_one_of(found, candidate):
                looks = list(look_again(self._near, pyramid, candidate, THREE))
                if sum(each.score for each in looks if each) >= NEW_BAR * len(looks):
                    found.append(average(looks))
        return _faces(pyramid, _distinct(found))

    def candidates(self, pyramid: Pyramid) -> list[Detection]:
        """What might be a face in a picture, each once, as the thorough search sees it before it looks again."""
        looks = [
            partial(self._near.detect, matrix=tiles.whole(pyramid, border=0.0)),
            partial(self._near.detect, matrix=tiles.whole(pyramid, _BORDER), border=cv2.BORDER_REFLECT),
        ]
        looks += [partial(self._far.detect, matrix=tile) for tile in tiles.pyramid_tiles(pyramid, self._far.network)]
        return self._seen(pyramid, looks)

    def confirm(self, pyramid: Pyramid, candidate: Detection) -> Detection | None:
        """What four close-ups of a candidate find on average; None where that is hardly anything."""
        looks: list[Detection | None] = []
        for found in look_again(self._near, pyramid, candidate, FOUR):
            looks.append(found)
            total, to_come = sum(each.score for each in looks if each), len(FOUR) - len(looks)
            if total < FIRST_BAR or total + _HIGHEST * to_come < LEAST * len(FOUR):
                return None
        return average(looks)

    def _quick(self, pyramid: Pyramid) -> list[Detection]:
        seen = self._fast.detect(pyramid, tiles.whole(pyramid, border=0.0))
        candidates = _distinct(each for each in seen if each.score >= LIKELY_BAR and _is_inside(each, pyramid))
        # One close-up throws out most of what is no face, and places eyes and mouth twice as exactly.
        again = [each for candidate in candidates for each in look_again(self._fast, pyramid, candidate, [FIRST])]
        return _distinct(each for each in again if each and each.score >= QUICK_BAR)

    def _thorough(self, pyramid: Pyramid) -> list[Detection]:
        filling = []
        for candidates in (self.candidates, self._other_candidates):
            judged = [each for each in workers().map(partial(self._judged, pyramid), candidates(pyramid)) if each]
            faces = _distinct(found for likely, found in judged if likely >= BAR and _is_inside(found, pyramid))
            if faces:
                return [each for each in faces if not any(_is_part_of(each, other) for other in faces)]
            filling += [each for each in judged if each[0] >= FILLING_BAR and _fills(each[1], pyramid)]
        return [max(filling, key=lambda each: each[0])[1]] if filling else []

    def _other_candidates(self, pyramid: Pyramid) -> list[Detection]:
        """What else might be a face, where none was found: the picture may lie on its side or stand on its head."""
        turns, size = (0, 180, 90, 270), self._far.network.size
        looks = [
            partial(self._near.detect, matrix=tiles.whole(pyramid, border, turn=turn))
            for turn in turns
            for border in ((0.0, _BORDER) if turn else (_BORDER,))
        ]
        looks += [partial(self._far.detect, matrix=tiles.whole(pyramid, 0.0, size, turn)) for turn in turns]
        return self._seen(pyramid, looks)

    def _seen(self, pyramid: Pyramid, looks: Iterable[Callable[[Pyramid], list[Detection]]]) -> list[Detection]:
        found = workers().map(lambda look: look(pyramid), looks)
        return _distinct(each for detections in found for each in detections if _is_inside(each, pyramid))

    def _judged(self, pyramid: Pyramid, candidate: Detection) -> tuple[float, Detection] | None:
        """How likely a candidate is to be a face, and what close-ups of it find; None where that is hardly anything."""
        found = self.confirm(pyramid, candidate)
        if found is None:
            return None
        return (1.0 if found.score >= SURE else self._check.probability(pyramid, found)), found


@functools.cache
def _far_detector() -> Detector | None:
    try:
        return Detector(FULL_RANGE)
    except AssetError:
        return None


def _whole_as_face(pyramid: Pyramid) -> Face:
    """A picture that is one face, as if it had been found in the place where FER2013's faces lie."""
    side = max(pyramid.width, pyramid.height)
    corner = np.array([pyramid.width - side, pyramid.height - side]) / 2
    left, right, mouth = alignment.EYES_AND_MOUTH * side + corner
    nose = (left + right + mouth) / 3
    box = np.clip([corner + side * 0.05, corner + side * 0.95], 0, (pyramid.width, pyramid.height))
    points = np.array([left, right, nose, mouth, left, right])
    return _face(pyramid, Detection(1.0, points, np.concatenate([box[0], box[1] - box[0]])))


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


def _settled(face: Face) -> Detection:
    """Where to look for a face that was there a moment ago: its box and roll in steps.

    Where each window follows from the last box to a hundredth of a pixel, two runs of one film that differ in a single
    grey level part for good. In steps they meet again, and a face at rest is seen through one and the same window.
    """
    left, top, width, _ = face.box
    side = _SIDE_STEP ** np.round(np.log(max(width, 1.0)) / np.log(_SIDE_STEP))
    centre = np.round(np.array([left + width / 2, top + width / 2]) * _PLACES / side) * side / _PLACES
    roll = np.round(tilt(*np.array(face.eyes)) / _TURN_STEP) * _TURN_STEP
    across = np.array([np.cos(np.radians(roll)), np.sin(np.radians(roll))])
    return Detection(face.score, np.stack([0 * across, across]), np.array([*(centre - side / 2), side, side]))


def _is_one_of(detections: Iterable[Detection], one: Detection) -> bool:
    return any(intersection_over_union(one.box, other.box) >= _SAME for other in detections)


def _is_part_of(one: Detection, other: Detection) -> bool:
    """Whether a detection lies in a larger and surer one: an eye with a nose is taken for a face at times."""
    x, y = one.box[:2] + one.box[2:] / 2 - other.box[:2]
    side = other.box[2]
    return one.score < other.score and one.box[2] < 0.7 * side and 0 < x < side and 0 < y < side


def _fills(detection: Detection, pyramid: Pyramid) -> bool:
    """Whether a detection is about as large as the picture, so that the picture may be one face."""
    return _FILLING[0] < detection.box[2] / min(pyramid.width, pyramid.height) < _FILLING[1]


def _is_inside(detection: Detection, pyramid: Pyramid) -> bool:
    """Whether the face lies in the picture, not beyond its edge."""
    x, y = detection.box[:2] + detection.box[2:] / 2
    margin = 0.1 * detection.box[2]
    return -margin <= x <= pyramid.width + margin and -margin <= y <= pyramid.height + margin


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
