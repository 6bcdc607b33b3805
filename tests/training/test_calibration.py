import numpy as np
import pytest
from scipy.special import softmax

from training.calibration import calibration_error, fit_temperature


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_what_the_logits_were_multiplied_by(factor):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 7))
    labels = (softmax(logits, axis=1).cumsum(axis=1) < rng.random((len(logits), 1))).sum(axis=1)
    assert fit_temperature(logits * factor, labels) == pytest.approx(factor, rel=0.05)


def test_a_calibrated_model_has_less_error_than_the_plain_estimate_gives_it():
    rng = np.random.default_rng(0)
    debiased, plain = [], []
    for _ in range(30):
        confidence = np.sort(rng.uniform(0.2, 1, 3000))
        correct = rng.random(3000) < confidence
        debiased.append(calibration_error(confidence, correct))
        gaps = confidence.reshape(15, 200).mean(axis=1) - correct.reshape(15, 200).mean(axis=1)
        plain.append(np.abs(gaps).mean())
    assert np.mean(debiased) < 0.6 * np.mean(plain)


@pytest.mark.parametrize("gap", [0.05, 0.2])
def test_a_known_gap_is_measured(gap):
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.4, 1, 50_000)
    correct = rng.random(50_000) < confidence - gap
    assert calibration_error(confidence, correct) == pytest.approx(gap, abs=0.01)


def test_a_handful_of_images_is_enough_to_be_defined():
    assert 0 <= calibration_error(np.array([0.9, 0.8]), np.array([True, False])) <= 1
