import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss, precision_recall_fscore_support

from training.errors import TrainingError
from training.evaluation import report as bootstrap
from training.evaluation.report import Report, make_report, summary

LABELS = ("a", "b", "c")


def answers(n=400, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    probabilities = rng.dirichlet(np.ones(3), n)
    probabilities[np.arange(n), truth] += 0.5
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True), {"training": rng.random(n) < 0.2}


def test_figures_agree_with_scikit_learn(monkeypatch):
    monkeypatch.setattr(bootstrap, "_RESAMPLES", 1000)
    truth, probabilities, copies = answers()
    report = make_report("public-test", LABELS, truth, probabilities, copies)
    given = probabilities.argmax(axis=1)
    assert report.accuracy == pytest.approx((given == truth).mean())
    assert report.accuracy_without_copies == pytest.approx((given == truth)[~copies["training"]].mean())
    assert report.copies == {"training": copies["training"].sum()}
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
    right_answers = probabilities[100:].argmax(axis=1) == truth[100:]
    assert report.accuracy_where_found == pytest.approx(right_answers.mean())
    assert np.array(report.confusion)[:, -1].sum() == 100
    assert sum(map(sum, report.confusion)) == report.n


def test_a_class_that_does_not_occur_does_not_count():
    report = make_report("s", LABELS, np.array([0, 1]), np.eye(3)[[0, 1]], {})
    assert (report.balanced_accuracy, report.macro_f1, report.accuracy) == (1, 1, 1)


def test_no_face_found_at_all():
    report = make_report("s", LABELS, np.array([0, 1]), np.full((2, 3), np.nan), {"training": np.ones(2, bool)})
    assert (report.accuracy, report.coverage, report.answered) == (0, 0, 0)
    assert report.accuracy_where_found == 0


def test_unsure_answers_are_left_out_of_the_accuracy_of_the_answered():
    probabilities = np.array([[0.9, 0.1, 0], [0.4, 0.35, 0.25]])
    report = make_report("s", LABELS, np.array([0, 1]), probabilities, {}, unsure_below=0.5)
    assert (report.accuracy, report.answered, report.accuracy_answered) == (0.5, 0.5, 1.0)


def test_it_can_be_written_as_json_and_is_the_same_every_time():
    truth, probabilities, copies = answers()
    first, second = (make_report("s", LABELS, truth, probabilities, copies).as_dict() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(5, 60), st.integers(0, 10_000))
def test_any_answers_get_the_figures_that_scikit_learn_gives_them(n, seed):
    truth, probabilities, copies = answers(n, seed)
    report = make_report("s", LABELS, truth, probabilities, copies)
    given_labels = probabilities.argmax(axis=1)
    figures = precision_recall_fscore_support(truth, given_labels, labels=range(3), zero_division=0)
    for ours, theirs in zip((report.precision, report.recall, report.f1), figures[:3], strict=True):
        assert list(ours.values()) == pytest.approx(list(theirs))
    assert report.accuracy == pytest.approx((given_labels == truth).mean())
    assert report.nll == pytest.approx(log_loss(truth, probabilities, labels=range(3)))


def test_it_comes_back_from_json_as_it_was():
    truth, probabilities, copies = answers()
    report = make_report("s", LABELS, truth, probabilities, copies, unsure_below=0.5, unsure_at_90=0.8)
    again = Report.from_dict(json.loads(json.dumps(report.as_dict())))
    assert again.as_dict() == report.as_dict()
    assert again == Report.from_dict(report.as_dict())
    assert isinstance(again.accuracy_interval, tuple)


@pytest.mark.parametrize(
    ("name", "value"), [("selective", None), ("n", "many"), ("ece", float("nan")), ("reliability", [[0.5, 1]])]
)
def test_figures_that_are_missing_or_damaged_are_named(name, value):
    truth, probabilities, copies = answers()
    figures = make_report("s", LABELS, truth, probabilities, copies).as_dict()
    with pytest.raises(TrainingError, match=name):
        Report.from_dict(figures | {name: value})
    del figures[name]
    with pytest.raises(TrainingError, match=name):
        Report.from_dict(figures)


def test_what_asking_for_more_confidence_would_give():
    truth, probabilities, _ = answers()
    report = make_report("s", LABELS, truth, probabilities, {}, unsure_at_90=0.8)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    assert report.answered_at_90 == pytest.approx((confidence >= 0.8).mean())
    assert report.accuracy_at_90 == pytest.approx(right[confidence >= 0.8].mean())
    assert report.selective[0] == (0.0, 1.0, report.accuracy)
    bar, share, accuracy = report.selective[14]
    assert (share, accuracy) == pytest.approx(((confidence >= bar).mean(), right[confidence >= bar].mean()))
    assert sum(size for _, _, size in report.reliability) == report.n


def test_where_no_bar_was_found_there_are_no_figures_for_it():
    truth, probabilities, _ = answers()
    report = make_report("s", LABELS, truth, probabilities, {})
    assert (report.unsure_at_90, report.answered_at_90, report.accuracy_at_90) == (None, None, None)


def test_answers_with_a_flat_prior_have_figures_of_their_own():
    """Two labels of three images in four and of one: what is called common at odds of 2 to 1 is the rare one."""
    truth = np.random.default_rng(0).permutation(np.repeat([0, 1], [3000, 1000]))
    probabilities = np.tile([[2 / 3, 1 / 3, 0.0]], (4000, 1))
    report = make_report("s", LABELS, truth, probabilities, {}, priors=(0.75, 0.25, 0.0))
    assert report.accuracy == 0.75
    assert report.flat_accuracy == 0.25  # 2/3 over 3/4 is less than 1/3 over 1/4
    assert report.flat_balanced_accuracy == 0.5
    assert report.flat_ece == pytest.approx(0.6 - 0.5, abs=0.02)
    assert Report.from_dict(report.as_dict()).flat_accuracy == 0.25


def test_with_a_flat_prior_too_a_face_that_was_not_found_is_an_error():
    truth, probabilities, copies = answers()
    whole = make_report("s", LABELS, truth, probabilities, copies, priors=(0.5, 0.3, 0.2))
    probabilities[:100] = np.nan
    assert make_report("s", LABELS, truth, probabilities, copies, priors=(0.5, 0.3, 0.2)).flat_accuracy < (
        whole.flat_accuracy
    )


def test_a_report_from_before_there_were_flat_priors_is_still_read():
    truth, probabilities, copies = answers()
    figures = make_report("s", LABELS, truth, probabilities, copies).as_dict()
    older = {name: value for name, value in figures.items() if not name.startswith("flat_")}
    assert Report.from_dict(older).flat_accuracy is None


def test_faces_not_found_stand_beside_the_headline():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [np.nan, np.nan]])
    report = make_report(
        "public-test", ("a", "b"), np.array([0, 1, 1, 0]), probabilities, {"training": np.zeros(4, bool)}
    )
    headline, accuracy, found = summary("m", report).splitlines()[:3]
    assert "4 images" in headline
    assert "50.00%" in accuracy
    assert found.split(maxsplit=2)[2] == "75.00%  (66.67% of them right)"
