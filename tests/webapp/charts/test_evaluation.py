import numpy as np
import pytest

from core.labels import FER7
from training.evaluation.curves import make_curves
from training.evaluation.report import make_report
from training.evaluation.robustness import Robustness
from webapp.charts import evaluation
from webapp.charts.theme import colours


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 7, 300)
    return truth, rng.dirichlet(np.ones(7), 300) * 0.5 + 0.5 * np.eye(7)[truth]


@pytest.fixture(scope="module")
def report(answers):
    return report_of(*answers)


def report_of(truth, probabilities):
    return make_report("public-test", FER7.labels, truth, probabilities, {}, unsure_below=0.6)


def figure_of(chart):
    assert chart.layout.paper_bgcolor == chart.layout.plot_bgcolor == "rgba(0,0,0,0)"
    return {trace.name: trace for trace in chart.data}


def test_intervals_reach_from_end_to_end():
    chart = evaluation.accuracies({"a": {"as it is": (0.6, 0.55, 0.66)}, "b": {"as it is": (0.5, 0.45, 0.55)}})
    dots = figure_of(chart)
    assert dots["a"].error_x.array == pytest.approx([0.06])
    assert dots["a"].error_x.arrayminus == pytest.approx([0.05])
    assert dots["a"].y[0] < dots["b"].y[0]


@pytest.mark.parametrize("as_shares", [False, True])
def test_confusion_tells_counts_or_shares(report, as_shares):
    figure = evaluation.confusion(report, as_shares)
    cells, places = figure.data
    assert list(cells.x) == list(cells.y) == list(FER7.labels)
    assert np.sum(cells.z, axis=1) == pytest.approx(1)
    first = report.confusion[0][0]
    told = {(note.y, note.x): note.text for note in figure.layout.annotations}
    assert set(told) == set(zip(places.y, places.x, strict=True))  # what can be clicked
    assert told["angry", "angry"] == (f"{first / sum(report.confusion[0]):.0%}" if as_shares else f"{first}")


def test_confusion_has_a_column_for_faces_that_were_not_found(answers):
    truth, probabilities = answers
    missing = np.where(np.arange(300)[:, None] < 30, np.nan, probabilities)
    cells, *_ = evaluation.confusion(report_of(truth, missing), as_shares=False).data
    assert cells.x[-1] == "no face"
    assert np.sum(cells.customdata[:, -1]) == 30


def test_curves_tell_their_area(answers):
    truth, probabilities = answers
    curves = make_curves(FER7.labels, truth, probabilities, 1.0)
    lines = figure_of(evaluation.roc(curves.roc, FER7.colours))
    assert lines[f"sad {curves.roc['sad'].area:.2f}"].line.color == FER7.colours["sad"]
    lines = figure_of(evaluation.precision_recall(curves.precision_recall, FER7.colours))
    assert len(lines) == 7


def test_reliability_before_is_drawn_where_it_is_known(report):
    bins = report.reliability
    assert {"before", "after"} <= set(figure_of(evaluation.reliability(bins, bins)))
    assert "before" not in figure_of(evaluation.reliability(bins, None))


def test_a_star_marks_the_bar_in_use(report):
    line, star = evaluation.coverage({"quick": report}).data
    assert (star.x, star.y) == ((report.answered,), (report.accuracy_answered,))
    assert star.marker.symbol == "star"
    assert line.x[0] == 1


def test_robustness_of_all_corruptions_is_their_mean():
    kinds = {"blur": [0.5, 0.4, 0.3, 0.2, 0.1], "noise": [0.7, 0.6, 0.5, 0.4, 0.3]}
    models = [Robustness(name, "h", "pixels", "public-test", "d", 10, 0, 0.8, kinds, {}) for name in ("a", "b")]
    hues = colours(["a", "b"])
    lines = figure_of(evaluation.robustness(models, hues, None))
    assert list(lines["a"].y) == pytest.approx([0.8, 0.6, 0.5, 0.4, 0.3, 0.2])
    assert lines["b"].line.color == hues["b"] != hues["a"]
    assert list(figure_of(evaluation.robustness(models, hues, "blur"))["a"].y) == [0.8, *kinds["blur"]]


def test_more_models_than_colours():
    assert len(colours([str(number) for number in range(20)])) == 20
