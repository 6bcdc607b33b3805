"""Finding every face in a picture."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Literal

import numpy as np

from ..readings import Face
from . import alignment, tiles
from .detector import SIZE, Detector, Sight
from .face_check import face_likelihood
from .geometry import mirrored, window
from .pyramid import Pyramid
from .quality import assess

Search = Literal["quick", "thorough"]
SEARCHES: tuple[Search, ...] = ("quick", "thorough")

QUICK_BAR = 0.6
"""Score of the closer look for the quick search to believe it."""

FOLLOW_BAR = 0.5
"""Score of the closer look for a face that was there a moment ago."""

NEW_BAR = 0.65
"""Mean score over three views for a face that appears in a stream."""

CANDIDATE_BAR = 0.48
"""Score in a tile from which the thorough search looks again."""

THOROUGH_BAR = 0.42
"""Mean score over eight views, less `WOBBLE`, for the thorough search to believe it: wheels and hands stay below, faces
that the picture's edge cuts in half above."""

DOUBTFUL_BAR = 0.22
"""The same where the crop looks like a face: from here on it is asked."""

CROP_BAR = 0.88
"""Probability of `face_likelihood` to believe the crop: nearly all between the two bars that is no face stays below."""

WOBBLE = 6.0
"""What it costs that eyes and mouth lie elsewhere from view to view: a face's stay where they are within 2 % of its
side, what is taken for them in a wheel or a leaf moves by 8 %."""

# Views of a candidate: side of the window in units of its box, extra turn in degrees, mirror image.
_VIEWS = (
    (2.3, 0, False),
    (1.6, 0, True),
    (3.2, 0, False),
    (2.0, -12, False),
    (2.0, 12, False),
    (1.6, 0, False),
    (2.3, 0, True),
    (3.2, 0, True),
)


MOST_FACES = 300
"""In one picture, the surest first. A picture made of nothing but tiny faces would keep a server busy for hours."""

_HIGHEST = 0.93  # about the most that a face scores on average
_SURE = 0.8  # mean score of four views that needs no more of them


class FaceFinder:
    """Finds faces; one finder serves any number of threads.

    Raises:
        AssetError: the detector's model file cannot be had.
    """

    def __init__(self) -> None:
        self._detector = Detector()
        self._swift = Detector(cores=min(2, os.cpu_count() or 1))  # for when there is nothing to do beside it
        self._threads = ThreadPoolExecutor(os.cpu_count())

    def find(self, pyramid: Pyramid, search: Search = "thorough") -> list[Face]:
        """The faces in a picture, from left to right.

        Args:
            pyramid: The picture.
            search: "quick" looks at the whole picture and once more at what it saw: faces of a seventh of its side or
                more. "thorough" looks at overlapping tiles of every size down to `tiles.SMALLEST`, and again, from up
                to eight views, at whatever might be a face.
        """
        sights = self._quick(pyramid) if search == "quick" else self._thorough(pyramid)
        return [_face(pyramid, sight) for sight in sorted(sights, key=lambda sight: sight.box[0])]

    def follow(self, pyramid: Pyramid, known: Sequence[Face], scan: Sequence[np.ndarray]) -> list[Face]:
        """The faces in the next picture of a stream, from left to right.

        A closer look wherever a face was before, and a few looks elsewhere, so that another one is found before long.

        Args:
            pyramid: The picture.
            known: The faces last seen, where they are expected now.
            scan: Where else to look this time: windows of `tiles`.
        """
        expected = [Sight(face.score, np.array(face.eyes), np.array(face.box)) for face in known]
        found = [self._confirm(pyramid, sight, _VIEWS[:1], FOLLOW_BAR) for sight in expected]
        found = _distinct(sight for sight in found if sight and _is_inside(sight, pyramid))
        for candidate in _distinct(sight for view in scan for sight in self._detector.look(pyramid, view)):
            if _is_inside(candidate, pyramid) and not _any_overlaps(found, candidate):
                found += filter(None, [self._confirm(pyramid, candidate, _VIEWS[:3], NEW_BAR)])
        return [_face(pyramid, sight) for sight in sorted(_distinct(found), key=lambda sight: sight.box[0])]

    def _quick(self, pyramid: Pyramid) -> list[Sight]:
        look = self._swift.look(pyramid, tiles.whole(pyramid, border=0.0))
        candidates = _distinct(sight for sight in look if _is_inside(sight, pyramid))
        # One closer look throws out most of what is no face, and places eyes and mouth twice as exactly.
        confirmed = (self._confirm(pyramid, sight, _VIEWS[:1], QUICK_BAR, detector=self._swift) for sight in candidates)
        return _distinct(filter(None, confirmed))

    def _thorough(self, pyramid: Pyramid) -> list[Sight]:
        looks = self._threads.map(lambda tile: self._detector.look(pyramid, tile), list(tiles.pyramid_tiles(pyramid)))
        sights = (sight for look in looks for sight in look if sight.score >= CANDIDATE_BAR)
        candidates = _distinct(sight for sight in sights if _is_inside(sight, pyramid))
        closer = partial(
            self._confirm, pyramid, views=_VIEWS, bar=THOROUGH_BAR, doubtful_bar=DOUBTFUL_BAR, wobble=WOBBLE
        )
        confirmed = self._threads.map(closer, candidates)
        return _distinct(sight for sight in confirmed if sight and _is_inside(sight, pyramid))

    def _confirm(
        self,
        pyramid: Pyramid,
        candidate: Sight,
        views: Sequence,
        bar: float,
        doubtful_bar: float | None = None,
        wobble: float = 0.0,
        detector: Detector | None = None,
    ) -> Sight | None:
        """Look again from nearer and from other sides; what was seen on average, or None where it is no face.

        Between `doubtful_bar` and `bar` the crop decides.
        """
        least = bar if doubtful_bar is None else doubtful_bar
        across = candidate.points[1] - candidate.points[0]
        roll = np.degrees(np.arctan2(across[1], across[0]))
        x, y, side, _ = candidate.box
        centre = (x + side / 2, y + side / 2)
        seen: list[Sight] = []
        for done, (reach, turn, mirror) in enumerate(views, start=1):
            matrix = window(centre, side * reach, SIZE, turn=roll + turn)
            look = (detector or self._detector).look(pyramid, mirrored(matrix, SIZE) if mirror else matrix)
            same = [sight for sight in look if _overlap(sight.box, candidate.box) > 0.4]
            seen.extend(sorted(same, key=lambda sight: -sight.score)[:1])
            total = sum(sight.score for sight in seen)
            if total + _HIGHEST * (len(views) - done) < least * len(views):
                return None  # even the highest scores from here on would not be enough
            if done >= 4 and total > _SURE * done:
                break
        points, box = (np.array([getattr(sight, part) for sight in seen]) for part in ("points", "box"))
        moved = np.median(points[:, :4].std(axis=0)) / np.median(box[:, 2])
        sight = Sight(score=total / done, points=np.median(points, axis=0), box=np.median(box, axis=0))
        belief = sight.score - wobble * moved
        if belief >= bar or (belief >= least and face_likelihood(_crop(pyramid, sight)) >= CROP_BAR):
            return sight
        return None


def _distinct(sights: Iterable[Sight]) -> list[Sight]:
    """The strongest of each group of sights that lie on one another (non-maximum suppression), at most `MOST_FACES`."""
    ordered = sorted(sights, key=lambda sight: -sight.score)
    boxes = np.array([sight.box for sight in ordered]).reshape(-1, 4)
    is_free, kept = np.ones(len(ordered), bool), []
    while is_free.any() and len(kept) < MOST_FACES:
        best = int(is_free.argmax())
        kept.append(ordered[best])
        is_free &= _overlap(boxes, boxes[best]) < 0.3
        is_free[best] = False  # whatever it says of itself
    return kept


def _any_overlaps(sights: Iterable[Sight], sight: Sight) -> bool:
    return any(_overlap(sight.box, other.box) >= 0.3 for other in sights)


def _overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of a box, or of each of many (n, 4), and a box."""
    sides = np.minimum(a[..., :2] + a[..., 2:], b[:2] + b[2:]) - np.maximum(a[..., :2], b[:2])
    shared = sides.clip(0).prod(axis=-1)
    return shared / (a[..., 2:].prod(axis=-1) + b[2:].prod() - shared)


def _is_inside(sight: Sight, pyramid: Pyramid) -> bool:
    """Whether the face lies in the picture, not in the mirror image beyond its edge."""
    x, y = sight.box[:2] + sight.box[2:] / 2
    margin = 0.1 * sight.box[2]
    return -margin <= x <= pyramid.width + margin and -margin <= y <= pyramid.height + margin


def _crop(pyramid: Pyramid, sight: Sight) -> np.ndarray:
    left, right, _, mouth = sight.points[:4]
    return alignment.align(pyramid, (left, right), mouth)


def _face(pyramid: Pyramid, sight: Sight) -> Face:
    left, right, _, mouth = (tuple(float(value) for value in point) for point in sight.points[:4])
    box = tuple(float(value) for value in sight.box)
    crop = _crop(pyramid, sight)
    return Face(
        box=box,
        score=float(sight.score),
        eyes=(left, right),
        mouth=mouth,
        quality=assess(pyramid, crop, sight.box, sight.points),
        crop=crop,
    )
