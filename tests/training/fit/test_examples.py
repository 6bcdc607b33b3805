import numpy as np
import pytest

from core.labels import FER7, FERPLUS8, LABEL_SETS
from training.datasets.sample import VOTE_COLUMNS
from training.fit.examples import TARGETS, blended, class_weights, epoch_order, targets

LABELS = np.array([0] * 50 + [1] * 7 + [3] * 3)
MIXED = [2, 0, 0, 0, 6, 0, 0, 2, 0, 0]


def test_the_votes_stand_in_the_order_that_the_targets_take_them_in():
    assert VOTE_COLUMNS[: len(FERPLUS8)] == FERPLUS8.labels
    assert FERPLUS8.labels[: len(FER7)] == FER7.labels
    assert TARGETS.keys() == LABEL_SETS.keys()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_label_and_votes_are_mixed_by_their_share(share):
    (target,) = targets("fer7", np.array([0]), np.array([MIXED]), share)
    expected = np.zeros(7)
    expected[0] = (1 - share) + share * 0.25
    expected[4] = share * 0.75
    np.testing.assert_allclose(target, expected, atol=1e-6)


def test_eight_labels_are_what_the_votes_say():
    (target,) = targets("ferplus8", np.array([0]), np.array([MIXED]), 0.0)
    np.testing.assert_allclose(target, [0.2, 0, 0, 0, 0.6, 0, 0, 0.2], atol=1e-6)


@pytest.mark.parametrize("label_set", TARGETS)
@pytest.mark.parametrize("votes", [[0] * 10, [0, 0, 0, 0, 0, 0, 0, 0, 7, 3]], ids=["none", "none of them"])
def test_without_a_vote_for_one_of_them_the_label_stands_alone(label_set, votes):
    (target,) = targets(label_set, np.array([5]), np.array([votes]), 0.5)
    assert target.dtype == np.float32
    np.testing.assert_allclose(target, np.eye(len(LABEL_SETS[label_set]))[5])


def test_soft_labels_have_their_share_where_there_are_any():
    labels = np.eye(7, dtype=np.float32)[[0, 1]]
    soft_labels = np.array([[0, 0, 0, 0, 0, 0.25, 0.75], [np.nan] * 7], np.float32)
    mixed = blended(labels, soft_labels, 0.4)
    np.testing.assert_allclose(mixed, [[0.6, 0, 0, 0, 0, 0.1, 0.3], labels[1]], atol=1e-6)
    assert mixed.dtype == np.float32


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
