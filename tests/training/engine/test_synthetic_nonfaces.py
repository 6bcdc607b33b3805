import numpy as np
import pytest

from training.engine import synthetic_nonfaces
from training.engine.synthetic_nonfaces import SIDE, nonface


@pytest.mark.parametrize("kind", synthetic_nonfaces._KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_is_a_shade_with_something_in_it(kind):
    for seed in range(5):
        shade = kind(np.random.default_rng(seed))
        assert (shade.shape, shade.dtype) == ((SIDE, SIDE), np.float32)
        assert shade.min() >= 0
        assert shade.max() <= 1
        assert shade.std() > 0.01


def test_the_same_seed_makes_the_same_picture_and_others_differ():
    first, again, other = (nonface(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first.shape, first.dtype) == ((SIDE, SIDE, 3), np.uint8)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_some_are_their_own_mirror_image_but_for_noise():
    alike = []
    for seed in range(40):
        picture = nonface(np.random.default_rng(seed)).mean(axis=2)
        alike.append(np.corrcoef(picture.ravel(), picture[:, ::-1].ravel())[0, 1] > 0.9)
    assert 0.2 < np.mean(alike) < 0.7
