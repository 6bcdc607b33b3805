"""What an epoch is made of, without Keras."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.fit.epochs import FitData, mixed


@given(st.integers(1, 40), st.floats(0.05, 1), st.integers(0, 99))
def test_a_mixed_example_lies_between_two_and_nearer_to_its_own(count, strength, seed):
    rng = np.random.default_rng(seed)
    features = rng.integers(0, 256, (count, 4, 4, 1)).astype(np.uint8)
    targets = np.eye(count, dtype=np.float32)
    order = rng.permutation(count)
    epoch = mixed(FitData(features, {"fer7": targets}), order, strength, rng)
    assert epoch.features.dtype == np.uint8
    shares = epoch.targets["fer7"]
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert (shares[np.arange(count), order] > 0.499).all()  # most of each is its own
    wanted = np.tensordot(shares, features.astype(float), 1)
    assert np.abs(epoch.features - wanted).max() <= 0.51  # the pictures are mixed as their targets are


def test_features_that_are_no_bytes_are_not_rounded():
    data = FitData(np.eye(9, dtype=np.float32), {"fer7": np.eye(9, dtype=np.float32)})
    epoch = mixed(data, np.arange(9), 0.9, np.random.default_rng(3))
    np.testing.assert_allclose(epoch.features, epoch.targets["fer7"], atol=1e-6)
    assert ((epoch.features > 0.01) & (epoch.features < 0.99)).any()


def test_weights_are_mixed_as_the_targets_are():
    data = FitData(np.zeros((8, 2, 2, 1), np.uint8), {"fer7": np.eye(8, dtype=np.float32)}, np.arange(8, dtype="f4"))
    epoch = mixed(data, np.arange(8), 0.9, np.random.default_rng(3))
    np.testing.assert_allclose(epoch.weights, epoch.targets["fer7"] @ data.weights, atol=1e-5)
    assert (epoch.weights != data.weights).any()
