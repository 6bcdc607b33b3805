import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.inference.scikit import couple

CLASSES = 7
FIRST, SECOND = np.triu_indices(CLASSES, 1)


def margins_of(probabilities):
    return np.log(probabilities[:, FIRST] / probabilities[:, SECOND]) / 2


def test_margins_that_agree_with_each_other_give_the_probabilities_they_were_made_of():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(CLASSES), 50)
    np.testing.assert_allclose(couple(margins_of(probabilities), CLASSES), probabilities, atol=1e-8)


@given(arrays(float, (3, 21), elements=st.floats(-30, 30)))
def test_whatever_the_margins_are_these_are_probabilities(margins):
    probabilities = couple(margins, CLASSES)
    assert (probabilities > -1e-9).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_a_class_that_wins_against_all_is_the_likeliest():
    margins = np.random.default_rng(0).normal(0, 0.1, (20, 21))
    margins[:, SECOND == 3], margins[:, FIRST == 3] = -1, 1
    assert (couple(margins, CLASSES).argmax(axis=1) == 3).all()


def test_decision_values_of_another_kind_are_refused():
    with pytest.raises(ValueError, match="21 pairs"):
        couple(np.zeros((2, 7)), CLASSES)
