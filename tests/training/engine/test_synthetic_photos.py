import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.engine.synthetic_photos import HEIGHT, LARGEST, SMALLEST, WIDTH, photograph

CROP = np.tile(np.uint8([[[250]], [[120]]]).repeat(24, axis=0), (1, 48, 3))  # bright above, darker below


def made(seed):
    return photograph(CROP, np.random.default_rng(seed))


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
    for seed in range(60):
        picture, (x, y), _ = photograph(white, np.random.default_rng(seed))
        brightest.append(picture[int(y), int(x)].max())
    dim = np.array(brightest) < 0.72 * 255
    assert 0.3 < dim.mean() < 0.7
