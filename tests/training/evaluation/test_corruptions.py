from itertools import pairwise

import numpy as np
import pytest

from core.faces.alignment import EYES_AND_MOUTH
from training.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt

NAMES = pytest.mark.parametrize("name", CORRUPTIONS)


@pytest.fixture(scope="module")
def images():
    """Smooth grey patterns with some detail, as faces have, in the middle of the grey scale."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:48, :48] / 48
    waves = [np.sin(2 * np.pi * (a * rows + b * columns + c)) for a, b, c in rng.uniform(0.5, 4, (16, 3))]
    grey = (128 + 60 * np.stack(waves) + rng.normal(0, 6, (16, 48, 48))).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=3)


@NAMES
def test_strength_0_changes_nothing(name, images):
    assert np.array_equal(corrupt(name, images, 0), images)


@NAMES
def test_the_same_seed_gives_the_same_pictures_and_leaves_the_given_ones_alone(name, images):
    before = images.copy()
    assert np.array_equal(corrupt(name, images, 3, seed=1), corrupt(name, images, 3, seed=1))
    assert np.array_equal(images, before)


@NAMES
def test_more_strength_means_more_of_it(name, images):
    apart = [np.abs(corrupt(name, images, s).astype(int) - images).mean() for s in range(STRENGTHS + 1)]
    if name in ("rotation", "shift", "scale"):  # a pattern far out of place is not farther from itself
        assert apart[1] > 0.5
        assert apart[-1] > apart[1]
    else:
        assert all(low < high for low, high in pairwise(apart)), apart


@NAMES
@pytest.mark.parametrize("strength", [1, 5])
def test_crops_stay_crops_and_grey_stays_grey(name, images, strength):
    changed = corrupt(name, images, strength)
    assert (changed.shape, changed.dtype) == (images.shape, np.uint8)
    assert np.abs(changed[..., 0].astype(int) - changed[..., 2]).max() <= 1


@NAMES
def test_colour_is_kept(name):
    image = np.zeros((1, 48, 48, 3), np.uint8) + np.array([180, 120, 60], np.uint8)
    changed = corrupt(name, image, 1)[0, 10, 24].astype(int)
    assert changed[0] > changed[1] > changed[2]


@pytest.mark.parametrize(("name", "hidden", "seen"), [("sunglasses", (0, 1), (2,)), ("mask", (2,), (0, 1))])
def test_what_an_occlusion_hides_and_what_not(name, hidden, seen, images):
    changed = corrupt(name, images, 5)
    for part in range(3):
        column, row = (EYES_AND_MOUTH[part] * 48).astype(int)
        was, became = images[:, row, column, 0].astype(float), changed[:, row, column, 0].astype(float)
        if part in hidden:
            assert became.std() < 1
        if part in seen:
            assert np.array_equal(was, became)


def test_the_hand_comes_from_either_side_and_covers_no_eyes_opposite(images):
    changed = corrupt("hand", images, 4)
    moved = np.abs(changed.astype(int) - images).sum(axis=(1, 3))
    from_left = moved[:, :12].sum(axis=1) > moved[:, -12:].sum(axis=1)
    assert 0 < from_left.sum() < len(images)
