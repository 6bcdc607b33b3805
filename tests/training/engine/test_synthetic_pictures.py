import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.engine import synthetic_pictures
from training.engine.synthetic_pictures import (
    HEIGHT,
    LARGEST,
    NONFACE_SIDE,
    SMALLEST,
    WIDTH,
    make_nonface,
    make_photograph,
)

CROP = np.tile(np.uint8([[[250]], [[120]]]).repeat(24, axis=0), (1, 48, 3))  # bright above, darker below


def made(seed):
    return make_photograph(CROP, np.random.default_rng(seed))


@pytest.mark.parametrize("kind", synthetic_pictures._KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_is_a_shade_with_something_in_it(kind):
    for seed in range(5):
        shade = kind(np.random.default_rng(seed))
        assert (shade.shape, shade.dtype) == ((NONFACE_SIDE, NONFACE_SIDE), np.float32)
        assert shade.min() >= 0
        assert shade.max() <= 1
        assert shade.std() > 0.01


def test_the_same_seed_makes_the_same_pattern_and_others_differ():
    first, again, other = (make_nonface(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first.shape, first.dtype) == ((NONFACE_SIDE, NONFACE_SIDE, 3), np.uint8)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_some_patterns_are_their_own_mirror_image_but_for_noise():
    alike = []
    for seed in range(40):
        picture = make_nonface(np.random.default_rng(seed)).mean(axis=2)
        alike.append(np.corrcoef(picture.ravel(), picture[:, ::-1].ravel())[0, 1] > 0.9)
    assert 0.2 < np.mean(alike) < 0.7


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_face_lies_whole_in_the_picture_and_is_upright(seed):
    picture, (x, y), side = made(seed)
    assert (picture.shape, picture.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)
    assert SMALLEST <= side <= LARGEST
    assert side / 2 < x < WIDTH - side / 2
    assert side / 2 < y < HEIGHT - side / 2
    above, below = (picture[int(y + part * side), int(x)].astype(int).sum() for part in (-0.25, 0.25))
    assert above > below


def test_the_same_seed_makes_the_same_photograph_and_others_differ():
    assert np.array_equal(made(1)[0], made(1)[0])
    assert not np.array_equal(made(1)[0], made(2)[0])


def test_about_every_second_photograph_is_dim():
    white = np.full((48, 48, 3), 255, np.uint8)
    brightest = []
    for seed in range(30):
        picture, (x, y), _ = make_photograph(white, np.random.default_rng(seed))
        brightest.append(picture[int(y), int(x)].max())
    dim = np.array(brightest) < 0.72 * 255
    assert 0.3 < dim.mean() < 0.7
