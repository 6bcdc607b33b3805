import numpy as np

from training.fit.examples import class_weights, epoch_order

LABELS = np.array([0] * 50 + [1] * 7 + [3] * 3)


def test_each_class_weighs_the_same_and_an_example_one_on_average():
    weights = class_weights(LABELS)
    np.testing.assert_allclose([weights[label == LABELS].sum() for label in (0, 1, 3)], 20, rtol=1e-5)
    np.testing.assert_allclose(weights.mean(), 1, rtol=1e-5)


def test_every_class_is_drawn_equally_often_and_every_rare_example():
    order = epoch_order(LABELS, "oversample", np.random.default_rng(0))
    assert len(order) == len(LABELS)
    counts = np.bincount(LABELS[order])
    assert counts[[0, 1, 3]].tolist() == [20, 20, 20]
    rare = np.bincount(order, minlength=len(LABELS))[LABELS == 1]
    assert rare.max() - rare.min() <= 1
    assert len(set(order[LABELS[order] == 0])) == 20


def test_an_order_is_that_of_its_seed():
    for balance in ("none", "oversample"):
        one, same, other = (epoch_order(LABELS, balance, np.random.default_rng(seed)) for seed in (1, 1, 2))
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()
    assert sorted(epoch_order(LABELS, "none", np.random.default_rng(0))) == list(range(len(LABELS)))
