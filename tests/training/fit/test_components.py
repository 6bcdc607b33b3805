import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from training.fit.pack_codecs import decode_components, encode_components

vectors = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(-1e6, 1e6, width=32))


def size(arrays):
    return sum(array.nbytes for array in arrays.values())


@given(vectors, st.sampled_from([1e-3, 0.1, 100.0]))
def test_no_number_is_off_by_more_than_it_may(given_vectors, error):
    found = decode_components(encode_components(given_vectors, error))
    assert found.dtype == np.float32
    assert found.shape == given_vectors.shape
    assert (np.abs(found - given_vectors) <= error).all()


def test_vectors_near_a_plane_take_little_room():
    rng = np.random.default_rng(0)
    values = (rng.normal(size=(2000, 5)) @ rng.normal(size=(5, 300)) + rng.normal(0, 1e-4, (2000, 300))).astype("f4")
    encoded = encode_components(values, 0.01)
    assert len(encoded["basis"]) == 5
    assert size(encoded) < values.nbytes / 20


def test_a_vector_of_zeros_and_one_like_no_other_come_back():
    rng = np.random.default_rng(0)
    values = (rng.normal(3, 1, (500, 2)) @ rng.normal(size=(2, 40))).astype(np.float32)
    values[7], values[8] = 0, rng.normal(0, 50, 40)
    found = decode_components(encode_components(values, 0.01))
    assert not found[7].any()
    np.testing.assert_allclose(found[8], values[8], atol=0.01)


def test_damage_is_noticed():
    encoded = encode_components(np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32), 0.01)
    with pytest.raises(ValueError, match=r"."):
        decode_components(encoded | {"basis": encoded["basis"][:-1]})
    with pytest.raises(LookupError):
        decode_components({name: array for name, array in encoded.items() if name != "step"})
