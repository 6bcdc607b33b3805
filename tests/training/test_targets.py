import numpy as np
import pytest

from training.datasets import Dataset
from training.targets import fer7_targets


def rows(labels, votes):
    n = len(labels)
    images, splits = np.zeros((n, 48, 48, 3), np.uint8), np.array(["training"] * n)
    return Dataset(images, np.array(labels), np.array(votes, np.uint8), splits, hashes=splits)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_label_and_votes_are_mixed_by_their_share(share):
    (target,) = fer7_targets(rows([0], [[2, 0, 0, 0, 8, 0, 0, 0, 0, 0]]), share)
    expected = np.zeros(7)
    expected[0] = (1 - share) + share * 0.2
    expected[4] = share * 0.8
    np.testing.assert_allclose(target, expected, atol=1e-6)


@pytest.mark.parametrize("votes", [[0] * 10, [0, 0, 0, 0, 0, 0, 0, 4, 3, 3]], ids=["none", "none of the seven"])
def test_without_a_vote_for_one_of_the_seven_the_label_stands_alone(votes):
    (target,) = fer7_targets(rows([5], [votes]), 0.5)
    np.testing.assert_allclose(target, np.eye(7)[5])
