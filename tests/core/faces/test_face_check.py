from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage.data import astronaut, brick, grass, gravel

from core.faces import alignment
from core.faces.detector import Detection
from core.faces.face_check import BAR, FILLING_BAR, FaceCheck, face_likelihood, oriented_gradients
from core.faces.pyramid import Pyramid

CLEAR = 0.88  # probability that nearly every face has and hardly anything else

EYES, MOUTH = ((206, 103), (244, 106)), (223, 147)


def laid(picture, turn=0.0, dim=1.0):
    """The astronaut's face as the detector would align it, but for the turn."""
    eyes_and_mouth = np.array([*EYES, MOUTH])
    matrix = cv2.getRotationMatrix2D(eyes_and_mouth.mean(axis=0), turn, 1)
    left, right, mouth = eyes_and_mouth @ matrix[:, :2].T + matrix[:, 2]
    return alignment.align(Pyramid((picture * dim).astype(np.uint8)), (left, right), mouth)


@pytest.fixture(scope="module")
def face():
    return laid(astronaut())


def test_a_face_is_one_in_any_light_and_in_the_mirror(face):
    for view in (face, laid(astronaut(), turn=10), laid(astronaut(), dim=0.3), np.ascontiguousarray(face[:, ::-1])):
        assert face_likelihood(view) > CLEAR


def test_upside_down_or_aside_it_is_none(face):
    assert face_likelihood(laid(astronaut(), turn=180)) < 0.5
    assert face_likelihood(np.ascontiguousarray(np.roll(face, 24, axis=1))) < CLEAR


@pytest.mark.parametrize("texture", [brick, grass, gravel])
def test_textures_are_none(texture):
    picture = cv2.cvtColor(texture(), cv2.COLOR_GRAY2RGB)
    likely = [
        face_likelihood(np.ascontiguousarray(picture[y : y + 48, x : x + 48]))
        for y in range(0, 456, 48)
        for x in range(0, 456, 48)
    ]
    assert np.mean(np.array(likely) > CLEAR) < 0.02


def test_all_evidence_for_a_face_speaks_for_it_and_against_a_wall(detector):
    (left, right), mouth = EYES, MOUTH
    points = np.array([left, right, (225, 120), mouth, (180, 110), (260, 110)], float)
    face = Detection(0.6, points, np.array([178.0, 70, 95, 95]))
    check = FaceCheck()
    assert check.probability(Pyramid(astronaut()), face) >= BAR
    assert check.probability(Pyramid(np.full((512, 512, 3), 90, np.uint8)), replace(face, score=0.3)) < FILLING_BAR


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_wall_is_none(shade):
    assert face_likelihood(np.full((48, 48, 3), shade, np.uint8)) < CLEAR


def test_only_the_direction_of_an_edge_counts():
    """Light on dark is like dark on light, and a faint edge like a strong one."""
    edge = np.zeros((48, 48, 3), np.uint8)
    edge[:, 24:] = 200
    upright, level = oriented_gradients(edge), oriented_gradients(np.ascontiguousarray(edge.swapaxes(0, 1)))
    assert upright.shape == (1764,)
    np.testing.assert_allclose(upright, oriented_gradients(np.ascontiguousarray(edge[:, ::-1])), atol=1e-6)
    np.testing.assert_allclose(upright, oriented_gradients(edge // 2), atol=0.02)
    assert np.abs(upright - level).max() > 0.3
