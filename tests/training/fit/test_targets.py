import numpy as np
import pytest

from core.labels import FER7, FERPLUS8, LABEL_SETS
from training.datasets.sample import VOTE_COLUMNS
from training.fit.examples import TARGETS, blended, targets

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


def test_teachers_have_their_share_where_they_answer():
    labels = np.eye(7, dtype=np.float32)[[0, 1]]
    taught = np.array([[0, 0, 0, 0, 0, 0.25, 0.75], [np.nan] * 7], np.float32)
    mixed = blended(labels, taught, 0.4)
    np.testing.assert_allclose(mixed, [[0.6, 0, 0, 0, 0, 0.1, 0.3], labels[1]], atol=1e-6)
    assert mixed.dtype == np.float32
