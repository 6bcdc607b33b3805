import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import chi2

from training import text_tables
from training.evaluation.compare import as_json, as_text, figures_table, mcnemar, p_values_table, pairs, ranked
from training.evaluation.report import make_report


def outcomes(both, only_a, only_b, neither):
    a = np.repeat([True, True, False, False], [both, only_a, only_b, neither])
    b = np.repeat([True, False, True, False], [both, only_a, only_b, neither])
    return a, b


def measurement(name, correct, dataset="d", parameters=1000):
    truth = np.zeros(len(correct), int)
    probabilities = np.where(correct[:, None], [[0.8, 0.2]], [[0.3, 0.7]])
    report = make_report("public-test", ("x", "y"), truth, probabilities, {})
    card = SimpleNamespace(name=name, recipe="r", files={"model.tflite": {"bytes": 1_500_000, "sha256": "a"}})
    return SimpleNamespace(
        card=card,
        split="public-test",
        dataset=dataset,
        report=report,
        correct=correct,
        parameters=parameters,
        milliseconds=1.5,
    )


def test_it_is_the_sign_test_of_the_images_on_which_they_differ():
    # 9 of 10 on one side: 2 * (C(10, 0) + C(10, 1)) / 2**10
    assert mcnemar(*outcomes(50, 9, 1, 40)) == (9, 1, pytest.approx(22 / 1024))
    assert mcnemar(*outcomes(50, 1, 9, 40)) == (1, 9, pytest.approx(22 / 1024))


def test_it_agrees_with_the_textbook_on_a_large_table():
    # Agresti, Categorical Data Analysis, approval ratings: 150 against 86, chi-squared (150 - 86)^2 / 236 = 17.36
    _, _, p = mcnemar(*outcomes(794, 150, 86, 570))
    assert chi2.sf((150 - 86) ** 2 / 236, 1) == pytest.approx(3.1e-5, rel=0.02)
    assert p == pytest.approx(3.7e-5, rel=0.02)  # the exact form


def test_models_that_never_differ_are_not_different():
    assert mcnemar(*outcomes(5, 0, 0, 5)) == (0, 0, 1.0)


@pytest.fixture
def three():
    a, b = outcomes(60, 20, 4, 16)
    return [measurement("one", b), measurement("two", a), measurement("elsewhere", a, "other data", parameters=None)]


def test_only_what_saw_the_same_images_is_paired(three):
    (pair,) = pairs(three)
    assert (pair.a, pair.b, pair.only_a, pair.only_b) == ("one", "two", 4, 20)
    assert pair.p < 0.01
    rows = p_values_table(three).splitlines()[2:]
    assert rows[0].split(" | ")[1:] == ["-", f"{pair.p:.4f}", "- |"]


def test_the_best_comes_first(three):
    assert [one.card.name for one in ranked(three)] == ["elsewhere", "two", "one"]


def test_text_markdown_and_json_tell_the_same(three):
    text, markdown = as_text(three), as_text(three, text_tables.markdown)
    told = json.loads(as_json(three))
    for model in told["models"]:
        figure = f"{model['report']['accuracy']:.1%}"
        assert figure in text
        assert figure in markdown
    assert [model["parameters"] for model in told["models"]] == [1000, 1000, None]
    assert f"{told['mcnemar'][0]['p']:.4f}" in text
    assert len({line.count("|") for line in markdown.split("\n\n")[0].splitlines()}) == 1


def test_faces_not_found_stand_beside_the_headline():
    one = measurement("mesh", np.array([True, True, True, False]))
    one.report = replace(one.report, coverage=0.8, accuracy=0.6)
    header, _, row = figures_table([one]).splitlines()
    told = dict(zip(header.split(" | "), row.split(" | "), strict=True))
    assert (told["faces found"], told["accuracy there"]) == ("80.0%", "75.0%")
