import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from training.evaluation.calibration import (
    calibration_error,
    calibration_interval,
    fit_temperature,
    reliability,
    threshold_for,
)


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


@given(st.integers(0, 1000), st.integers(1, 400), st.floats(0.2, 3))
def test_an_error_lies_within_its_own_interval(seed, n, sureness):
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.2, 1, n)
    correct = rng.random(n) < confidence**sureness
    error = calibration_error(confidence, correct)
    low, high = calibration_interval(error, reliability(confidence, correct))
    assert 0 <= low <= error <= high


def test_an_interval_holds_the_true_error_and_shrinks_with_more_images():
    rng, held, widths = np.random.default_rng(0), 0, {}
    for n in (1000, 4000):
        for _ in range(40):
            confidence = rng.uniform(0.4, 1, n)
            correct = rng.random(n) < confidence - 0.1
            low, high = calibration_interval(
                calibration_error(confidence, correct), reliability(confidence, correct), resamples=300
            )
            held += low <= 0.1 <= high
            widths[n] = high - low
    assert held >= 70  # of 80
    assert widths[4000] < 0.7 * widths[1000]


def test_a_handful_of_images_is_enough_to_be_defined():
    assert 0 <= calibration_error(np.array([0.9, 0.8]), np.array([True, False])) <= 1


def test_bins_of_a_reliability_diagram_hold_equally_many():
    rng = np.random.default_rng(0)
    confidence, correct = rng.random(150), rng.random(150) < 0.5
    bins = reliability(confidence, correct)
    assert [size for _, _, size in bins] == [10] * 15
    assert [mean for mean, _, _ in bins] == sorted(mean for mean, _, _ in bins)
    assert np.mean([accuracy for _, accuracy, _ in bins]) == pytest.approx(correct.mean())


def test_the_threshold_is_the_lowest_that_gives_the_accuracy():
    confidence = np.linspace(1, 0, 1000)
    correct = np.ones(1000, bool)
    correct[500:] = False  # the more confident half is right: 555 answers are 90% right, 556 are not
    threshold = threshold_for(confidence, correct)
    assert threshold == confidence[554]
    assert correct[confidence >= threshold].mean() >= 0.9
    assert correct[confidence >= confidence[555]].mean() < 0.9


def test_equal_confidences_are_answered_together_or_not_at_all():
    confidence = np.repeat([0.9, 0.8, 0.7], 100)
    correct = np.r_[np.ones(100), np.ones(50), np.zeros(50), np.zeros(100)].astype(bool)
    assert threshold_for(confidence, correct) == 0.9
    assert threshold_for(confidence, correct, accuracy=0.75) == 0.8


def test_no_threshold_where_none_is_right_often_enough_or_too_few_are():
    rng = np.random.default_rng(0)
    assert threshold_for(rng.random(500), np.zeros(500, bool)) is None
    assert threshold_for(np.array([0.9] * 10), np.ones(10, bool)) is None
    assert threshold_for(np.empty(0), np.empty(0, bool)) is None


def test_weights_count_as_that_many_copies():
    rng = np.random.default_rng(0)
    confidence, correct, often = rng.uniform(0.2, 1, 6000), rng.random(6000) < 0.6, rng.random(6000) < 0.5
    weighted = calibration_error(confidence, correct, weights=np.where(often, 3.0, 1.0))
    copied = calibration_error(
        np.repeat(confidence, np.where(often, 3, 1)), np.repeat(correct, np.where(often, 3, 1)), bins=15
    )
    assert weighted == pytest.approx(copied, abs=0.005)
    assert calibration_error(confidence, correct, weights=np.full(6000, 7.0)) == pytest.approx(
        calibration_error(confidence, correct)
    )
