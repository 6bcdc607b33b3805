import numpy as np
import pytest

from training.errors import TrainingError
from training.export.parity import EXACT, INT8, check, measure


def test_parity_lets_one_label_of_a_few_pass_and_no_more():
    logits = np.eye(7)[np.arange(64) % 7] * 0.01
    for flips, passes in ((1, True), (2, False)):
        given = logits.copy()
        given[:flips] = given[:flips, ::-1]
        parity = measure({"fer7": logits}, {"fer7": given})
        assert parity.agreement == 1 - flips / 64
        if passes:
            check(parity, INT8)
        else:
            with pytest.raises(TrainingError, match="answers otherwise"):
                check(parity, INT8)


@pytest.mark.parametrize("given", [{}, {"fer7": np.zeros((4, 6))}, {"ferplus8": np.zeros((4, 7))}])
def test_a_file_that_lacks_answers_is_refused(given):
    with pytest.raises(TrainingError, match="does not answer in 'fer7'"):
        measure({"fer7": np.zeros((4, 7))}, given)


def test_nan_is_no_parity():
    parity = measure({"fer7": np.zeros((4, 7))}, {"fer7": np.full((4, 7), np.nan)})
    with pytest.raises(TrainingError):
        check(parity, EXACT)
