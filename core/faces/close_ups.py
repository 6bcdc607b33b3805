"""Close-ups: looking again, from nearer, at what might be a face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .detector import SIZE, Detection, Detector
from .geometry import intersection_over_union, mirrored, tilt, window
from .pyramid import Pyramid

_ROUGHLY, _CLEARLY = 0.2, 0.4
"""Intersection over union above which a close-up has found its candidate again: as the full-range detector places it,
up to 40% too small and turned by 15 degrees as a rule; and as a close-up does."""


@dataclass(frozen=True)
class CloseUp:
    """One way of looking at a candidate.

    Attributes:
        reach: Side of the window, in units of the candidate's box.
        turn: Rotation of the window beyond the candidate's own roll, in degrees clockwise.
        mirrored: Whether left and right change places.
    """

    reach: float
    turn: float = 0.0
    mirrored: bool = False


FIRST = CloseUp(2.3)
"""The one look that says most, and places eyes and mouth twice as exactly as a look at the whole picture."""

THREE = (FIRST, CloseUp(1.6, mirrored=True), CloseUp(3.2))

FOUR = (FIRST, CloseUp(1.6, mirrored=True), CloseUp(3.2, mirrored=True), CloseUp(2.0, turn=-12))


def look_again(
    detector: Detector, pyramid: Pyramid, candidate: Detection, close_ups: Sequence[CloseUp]
) -> Iterator[Detection | None]:
    """Search for a candidate in close-ups of it; once one has found it, the others look where that one saw it.

    Where the picture's edge cuts the candidate, it is looked at with a plain border and with the picture's mirror image
    beyond the edge, until one of them shows it; that one then stays.

    Args:
        detector: The short-range detector.
        pyramid: The picture.
        candidate: A detection that might be a face.
        close_ups: How to look, one after the other.

    Yields:
        What each close-up found in the candidate's place, or None.
    """
    least = _ROUGHLY
    borders = [cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT][: 1 + is_cut_off(candidate, pyramid)]
    for one in close_ups:
        centre = tuple(candidate.box[:2] + candidate.box[2:] / 2)
        matrix = window(centre, candidate.box[2] * one.reach, SIZE, turn=tilt(*candidate.points[:2]) + one.turn)
        matrix = mirrored(matrix, SIZE) if one.mirrored else matrix
        found = {border: _in_place(detector.detect(pyramid, matrix, border), candidate, least) for border in borders}
        best = max(found, key=lambda border: found[border].score if found[border] else 0.0)
        if found[best]:
            borders = [best]
            if least == _ROUGHLY:
                candidate, least = found[best], _CLEARLY
        yield found[best]


def average(found: Sequence[Detection | None]) -> Detection:
    """The median place of what close-ups found, under their mean score; a close-up that found nothing scores 0."""
    again = [each for each in found if each]
    return Detection(
        score=sum(each.score for each in again) / len(found),
        points=np.median([each.points for each in again], axis=0),
        box=np.median([each.box for each in again], axis=0),
    )


def is_cut_off(detection: Detection, pyramid: Pyramid) -> bool:
    """Whether the picture's edge cuts a detection's box."""
    first, last = detection.box[:2], detection.box[:2] + detection.box[2:]
    return bool((first < 0).any() or (last > (pyramid.width, pyramid.height)).any())


def _in_place(detections: list[Detection], candidate: Detection, least: float) -> Detection | None:
    same = [each for each in detections if intersection_over_union(each.box, candidate.box) > least]
    return max(same, key=lambda each: each.score, default=None)
