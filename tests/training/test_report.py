import json

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss

from training.report import make_report

LABELS = ("a", "b", "c")


def answers(n=400, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    probabilities = rng.dirichlet(np.ones(3), n)
    probabilities[np.arange(n), truth] += 0.5
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True), rng.random(n) < 0.2


def test_figures_agree_with_scikit_learn():
    truth, probabilities, copies = answers()
    report = make_report("public-test", LABELS, truth, probabilities, copies)
    given = probabilities.argmax(axis=1)
    assert report.accuracy == pytest.approx((given == truth).mean())
    assert report.accuracy_without_copies == pytest.approx((given == truth)[~copies].mean())
    assert report.copies == copies.sum()
    assert report.balanced_accuracy == pytest.approx(balanced_accuracy_score(truth, given))
    assert report.macro_f1 == pytest.approx(f1_score(truth, given, average="macro"))
    assert report.nll == pytest.approx(log_loss(truth, probabilities))
    low, high = report.accuracy_interval
    assert low < report.accuracy < high
    assert 0.05 < high - low < 0.12


def test_a_face_that_was_not_found_is_an_error():
    truth, probabilities, copies = answers()
    whole = make_report("s", LABELS, truth, probabilities, copies)
    probabilities[:100] = np.nan
    report = make_report("s", LABELS, truth, probabilities, copies)
    assert report.n == whole.n
    assert report.coverage == 0.75
    assert report.accuracy < whole.accuracy
    assert np.array(report.confusion)[:, -1].sum() == 100
    assert sum(map(sum, report.confusion)) == report.n


def test_a_class_that_does_not_occur_does_not_count():
    report = make_report("s", LABELS, np.array([0, 1]), np.eye(3)[[0, 1]], np.zeros(2, bool))
    assert (report.balanced_accuracy, report.macro_f1, report.accuracy) == (1, 1, 1)


def test_no_face_found_at_all():
    report = make_report("s", LABELS, np.array([0, 1]), np.full((2, 3), np.nan), np.ones(2, bool))
    assert (report.accuracy, report.coverage, report.answered) == (0, 0, 0)


def test_unsure_answers_are_left_out_of_the_accuracy_of_the_answered():
    probabilities = np.array([[0.9, 0.1, 0], [0.4, 0.35, 0.25]])
    report = make_report("s", LABELS, np.array([0, 1]), probabilities, np.zeros(2, bool), unsure_below=0.5)
    assert (report.accuracy, report.answered, report.accuracy_answered) == (0.5, 0.5, 1.0)


def test_it_can_be_written_as_json_and_is_the_same_every_time():
    truth, probabilities, copies = answers()
    first, second = (make_report("s", LABELS, truth, probabilities, copies).as_dict() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
