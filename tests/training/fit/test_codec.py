import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from training.fit.pack_codecs import decode_bytes, encode_bytes

pictures = arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=9))


@given(pictures)
def test_nothing_is_lost_unless_dropped(given_pictures):
    np.testing.assert_array_equal(decode_bytes(encode_bytes(given_pictures), given_pictures.shape), given_pictures)


@given(pictures, st.integers(1, 3))
def test_what_is_dropped_is_off_by_half_a_step_at_most(given_pictures, drop):
    there = decode_bytes(encode_bytes(given_pictures, drop), given_pictures.shape, drop)
    assert np.abs(there.astype(int) - given_pictures).max() <= 2 ** (drop - 1)


def test_damage_is_noticed():
    stream = encode_bytes(np.zeros((2, 4, 4), np.uint8))
    for damaged, shape in ((stream[:4], (2, 4, 4)), (b"no", (2, 4, 4)), (stream, (1, 4, 4)), (stream, (3, 4, 4))):
        with pytest.raises(ValueError, match=r"."):
            decode_bytes(damaged, shape)
