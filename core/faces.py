"""Finding every face in a picture."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np

from . import crops
from .detector import SIZE, Detector, Sight
from .geometry import mirrored, window
from .pyramid import Pyramid
from .readings import Face
from .views import assess

Search = Literal["quick", "thorough"]
SEARCHES: tuple[Search, ...] = ("quick", "thorough")

QUICK_BAR = 0.5
"""Score that one look must give for the quick search to believe it."""

THOROUGH_BAR = 0.68
"""Mean score over a candidate's eight views for the thorough search to believe it: wheels and hands stay below, faces
cut by the picture's edge above."""

SMALLEST_TILE = 150
"""Side of the smallest tiles, in pixels: a face of 24 fills a sixth of one, the least that the detector sees."""

# Side of the window in units of the candidate's box, extra turn in degrees, mirror image.
_VIEWS = (
    (2.3, 0, False), (1.6, 0, True), (3.2, 0, False), (2.0, -12, False),
    (2.0, 12, False), (1.6, 0, False), (2.3, 0, True), (3.2, 0, True),
)  # fmt: skip


class FaceFinder:
    """Finds faces; one finder serves any number of threads.

    Raises:
        AssetError: the detector's model file cannot be had.
    """

    def __init__(self) -> None:
        self._detector = Detector()
        self._threads = ThreadPoolExecutor(os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count())

    def find(self, pyramid: Pyramid, search: Search = "thorough") -> list[Face]:
        """The faces in a picture, from left to right.

        Args:
            pyramid: The picture.
            search: "quick" looks once at the whole picture, for streams: it sees faces of a seventh of its side or
                more. "thorough" looks at overlapping tiles of every size down to `SMALLEST_TILE`, and again, from
                eight views, at whatever might be a face.
        """
        sights = self._quick(pyramid) if search == "quick" else self._thorough(pyramid)
        return [_face(pyramid, sight) for sight in sorted(sights, key=lambda sight: sight.box[0])]

    def _quick(self, pyramid: Pyramid) -> list[Sight]:
        seen = self._detector.look(pyramid, _whole(pyramid, border=0.0))
        return _distinct(sight for sight in seen if sight.score >= QUICK_BAR)

    def _thorough(self, pyramid: Pyramid) -> list[Sight]:
        looks = self._threads.map(lambda tile: self._detector.look(pyramid, tile), list(_tiles(pyramid)))
        candidates = _distinct(sight for look in looks for sight in look if _centre_inside(sight, pyramid))
        confirmed = self._threads.map(lambda sight: self._confirm(pyramid, sight), candidates)
        return _distinct(sight for sight in confirmed if sight and _centre_inside(sight, pyramid))

    def _confirm(self, pyramid: Pyramid, candidate: Sight) -> Sight | None:
        """Look again from eight views; the mean of what they saw, or None where it is no face after all."""
        across = candidate.points[1] - candidate.points[0]
        roll = np.degrees(np.arctan2(across[1], across[0]))
        x, y, side, _ = candidate.box
        centre = (x + side / 2, y + side / 2)
        seen: list[Sight] = []
        for left, (reach, turn, mirror) in zip(range(len(_VIEWS) - 1, -1, -1), _VIEWS, strict=True):
            matrix = window(centre, side * reach, SIZE, turn=roll + turn)
            look = self._detector.look(pyramid, mirrored(matrix, SIZE) if mirror else matrix)
            same = [sight for sight in look if _overlap(sight.box, candidate.box) > 0.4]
            seen.extend(sorted(same, key=lambda sight: -sight.score)[:1])
            if sum(sight.score for sight in seen) + left < THOROUGH_BAR * len(_VIEWS):
                return None  # even perfect scores from here on would not be enough
        return Sight(
            score=sum(sight.score for sight in seen) / len(_VIEWS),
            points=np.median([sight.points for sight in seen], axis=0),
            box=np.median([sight.box for sight in seen], axis=0),
        )


def _whole(pyramid: Pyramid, border: float) -> np.ndarray:
    side = max(pyramid.width, pyramid.height) * (1 + 2 * border)
    return window((pyramid.width / 2, pyramid.height / 2), side, SIZE)


def _tiles(pyramid: Pyramid) -> Iterator[np.ndarray]:
    """The whole picture with a border, then ever smaller tiles that overlap by half, or by a third when small."""
    yield _whole(pyramid, border=0.3)
    yield _whole(pyramid, border=0.0)
    side = max(pyramid.width, pyramid.height) / 1.5
    while side >= SMALLEST_TILE:
        for y in _centres(pyramid.height, side):
            for x in _centres(pyramid.width, side):
                yield window((x, y), side, SIZE)
        side /= 1.6


def _centres(length: int, side: float) -> np.ndarray:
    """Centres of tiles along one axis, from a quarter tile before the edge to a quarter after it."""
    first, last = side / 4, length - side / 4
    if last <= first:
        return np.array([length / 2])
    return np.linspace(first, last, int(np.ceil((last - first) / (side * 0.6))) + 1)


def _distinct(sights: Iterable[Sight]) -> list[Sight]:
    """The strongest of each group of sights that lie on one another (non-maximum suppression)."""
    kept: list[Sight] = []
    for sight in sorted(sights, key=lambda sight: -sight.score):
        if all(_overlap(sight.box, other.box) < 0.3 for other in kept):
            kept.append(sight)
    return kept


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    width, height = np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2])
    shared = max(width, 0.0) * max(height, 0.0)
    return float(shared / (a[2] * a[3] + b[2] * b[3] - shared))


def _centre_inside(sight: Sight, pyramid: Pyramid) -> bool:
    """Whether the face lies in the picture, not in the mirror image beyond its edge."""
    x, y = sight.box[:2] + sight.box[2:] / 2
    margin = 0.25 * sight.box[2]
    return -margin <= x <= pyramid.width + margin and -margin <= y <= pyramid.height + margin


def _face(pyramid: Pyramid, sight: Sight) -> Face:
    left, right, _, mouth = (tuple(float(value) for value in point) for point in sight.points[:4])
    box = tuple(float(value) for value in sight.box)
    crop = crops.lay(pyramid, (left, right), mouth)
    return Face(box=box, score=float(sight.score), eyes=(left, right), mouth=mouth, view=assess(crop, sight.points), crop=crop)
