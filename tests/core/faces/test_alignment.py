import cv2
import numpy as np
import pytest

from core.faces.alignment import EYES_AND_MOUTH, SIDE, align
from core.faces.pyramid import Pyramid


def face_drawing(scale, turn, centre=(400, 300), size=(600, 800)):
    """A picture with two green eyes and a red mouth laid out as in a crop; also where they are."""
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (EYES_AND_MOUTH - 0.5) * SIDE * scale @ rotation.T + centre
    picture = np.full((*size, 3), 60, np.uint8)
    for (x, y), colour in zip(points, [(0, 255, 0), (0, 255, 0), (255, 0, 0)], strict=True):
        cv2.circle(picture, (round(x), round(y)), max(1, round(2 * scale)), colour, -1, cv2.LINE_AA)
    return picture, points


@pytest.mark.parametrize("scale", [1.6, 3, 8])
@pytest.mark.parametrize("turn", [-35, 0, 20])
def test_eyes_and_mouth_come_to_their_places_whatever_the_size_and_tilt(scale, turn):
    picture, (left, right, mouth) = face_drawing(scale, turn)
    crop = align(Pyramid(picture), (tuple(left), tuple(right)), tuple(mouth)).astype(int)
    assert crop.shape == (SIDE, SIDE, 3)
    for channel, places in ((1, EYES_AND_MOUTH[:2]), (0, EYES_AND_MOUTH[2:])):
        marked = crop[:, :, channel] - crop[:, :, 2] > 50
        rows, columns = np.nonzero(marked)
        np.testing.assert_allclose([columns.mean() + 0.5, rows.mean() + 0.5], places.mean(axis=0) * SIDE, atol=1.0)


def test_a_face_at_the_edge_is_completed_by_its_mirror_image():
    picture, (left, right, mouth) = face_drawing(4, 0, centre=(0, 300))
    crop = align(Pyramid(picture), (tuple(left), tuple(right)), tuple(mouth)).astype(int)
    np.testing.assert_allclose(crop[:, : SIDE // 2], crop[:, : SIDE // 2 - 1 : -1], atol=3)
