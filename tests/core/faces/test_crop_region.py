import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.faces.crop_region import box_in_crop
from core.faces.finder import FaceFinder
from core.faces.pyramid import Pyramid


@pytest.fixture(scope="module")
def crop(detector):
    (face,) = FaceFinder().find(Pyramid(astronaut()), "quick")
    return face.crop


def test_the_box_lies_about_the_middle(crop):
    (x, y), side, tilt = box_in_crop(crop)
    assert 20 < x < 28
    assert 22 < y < 30
    assert 38 < side < 52
    assert abs(tilt) < 10


@pytest.mark.parametrize(("shift_x", "shift_y"), [(4, 0), (-4, 0), (0, 4), (0, -4)])
def test_the_box_follows_the_face(crop, shift_x, shift_y):
    moved = cv2.warpAffine(
        crop, np.array([[1.0, 0, shift_x], [0, 1, shift_y]]), (48, 48), borderMode=cv2.BORDER_REFLECT
    )
    (x, y), *_ = box_in_crop(crop)
    (new_x, new_y), *_ = box_in_crop(moved)
    assert (new_x - x) * shift_x + (new_y - y) * shift_y > 4


@pytest.mark.parametrize("turn", [-15, 15])
def test_the_tilt_follows_the_face(crop, turn):
    turned = cv2.warpAffine(crop, cv2.getRotationMatrix2D((24, 24), -turn, 1), (48, 48), borderMode=cv2.BORDER_REFLECT)
    assert (box_in_crop(turned)[2] - box_in_crop(crop)[2]) / turn > 0.4


def test_a_larger_crop_has_a_larger_box(crop):
    large = cv2.resize(crop, (96, 96), interpolation=cv2.INTER_LINEAR)
    (x, y), side, tilt = box_in_crop(crop)
    (large_x, large_y), large_side, large_tilt = box_in_crop(large)
    assert (large_x, large_y, large_side) == pytest.approx((2 * x, 2 * y, 2 * side), rel=0.05)
    assert large_tilt == pytest.approx(tilt, abs=3)
