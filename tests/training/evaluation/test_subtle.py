from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels import FER7
from training.errors import TrainingError
from training.evaluation import subtle
from training.evaluation.predictions import Predictions
from training.evaluation.subtle import measure_subtle, subtle_expressions, table

NEUTRAL, SAD, HAPPY = (FER7.index(name) for name in ("neutral", "sad", "happy"))


def votes(**given):
    row = np.zeros(10, np.uint8)
    for name, count in given.items():
        row[FER7.index(name)] = count
    return row


@pytest.mark.parametrize(
    ("given", "expression", "is_neutral"),
    [
        ({"neutral": 5, "sad": 5}, SAD, False),
        ({"neutral": 7, "happy": 3}, HAPPY, False),
        ({"neutral": 3, "sad": 5, "fear": 2}, SAD, False),
        ({"neutral": 4, "sad": 3, "fear": 3}, -1, False),  # three opinions, not two
        ({"neutral": 8, "sad": 2}, -1, True),
        ({"neutral": 2, "sad": 8}, -1, False),
        ({"neutral": 10}, -1, True),
        ({}, -1, False),
    ],
)
def test_who_is_subtle_and_who_is_neutral(given, expression, is_neutral):
    found, neutral = subtle_expressions(votes(**given)[None])
    assert (found[0], neutral[0]) == (expression, is_neutral)


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10))
def test_no_image_is_both_and_no_expression_is_neutral(choices):
    found, neutral = subtle_expressions(np.bincount(choices, minlength=10)[None])
    assert found[0] != NEUTRAL
    assert not (found[0] >= 0 and neutral[0])


@pytest.fixture
def ask(monkeypatch):
    """Measure a made-up model on subtle sad faces, two of five of which are copies, and on five neutral ones."""

    def measured(probabilities, priors=None):
        rows = np.array([votes(neutral=5, sad=5)] * 5 + [votes(neutral=10)] * 5)
        copies = {"training": np.arange(10) < 1, "private-test": np.arange(10) == 1}
        monkeypatch.setattr(subtle.Dataset, "load", lambda *_: SimpleNamespace(votes=rows))
        monkeypatch.setattr(subtle, "predict", lambda *_: Predictions({}, {"fer7": probabilities}, copies))
        monkeypatch.setattr(subtle, "dataset_hash", lambda _: "d")
        data, files = {"priors": {"fer7": priors}} if priors else {}, {"model.tflite": {"sha256": "a"}}
        card = SimpleNamespace(name="stand", data=data, files=files)
        return measure_subtle(SimpleNamespace(card=card), "made-up")

    return measured


def sure(*labels):
    return (0.05 / 6 + np.eye(7)[list(labels)] * 0.9).astype(np.float32)


def test_what_is_seen_and_what_is_a_false_alarm(ask):
    answers = sure(SAD, SAD, SAD, SAD, NEUTRAL, NEUTRAL, NEUTRAL, HAPPY, NEUTRAL, NEUTRAL)
    found = ask(answers).answers["fer7"]
    assert (found.subtle, found.neutral) == (3, 5)
    assert found.seen == pytest.approx(2 / 3, abs=1e-5)
    assert found.alarms == pytest.approx(1 / 5)
    assert 0.5 < found.separation < 1
    assert found.seen_flat is None


def test_another_expression_is_not_seen_and_a_face_not_found_is_an_error(ask):
    answers = sure(SAD, SAD, HAPPY, HAPPY, SAD, *[NEUTRAL] * 5)
    answers[[4, 9]] = np.nan
    found = ask(answers).answers["fer7"]
    assert found.seen == 0
    assert found.alarms == pytest.approx(1 / 5)
    assert found.separation == 1


def test_a_flat_prior_sees_what_was_rare(ask):
    answers = np.full((10, 7), 0.02, np.float32)
    answers[:, NEUTRAL], answers[:, SAD] = 0.5, 0.4
    priors = [0.1] * 7
    priors[NEUTRAL], priors[SAD] = 0.4, 0.1
    found = ask(answers, priors).answers["fer7"]
    assert (found.seen, found.alarms) == (0, 0)
    assert (found.seen_flat, found.alarms_flat) == (1, 1)


def test_a_label_that_was_never_taught_is_not_seen_under_a_flat_prior(ask):
    answers = np.full((10, 7), 0.02, np.float32)
    answers[:, NEUTRAL], answers[:, SAD] = 0.5, 0.4
    priors = [0.0] * 7
    priors[NEUTRAL], priors[HAPPY] = 0.5, 0.5
    found = ask(answers, priors).answers["fer7"]
    assert (found.seen_flat, found.alarms_flat) == (0, 0)


def test_without_votes_it_says_what_to_do(ask, monkeypatch):
    monkeypatch.setattr(subtle, "subtle_expressions", lambda votes: (np.full(10, -1), np.zeros(10, bool)))
    with pytest.raises(TrainingError, match="--ferplus"):
        ask(sure(*[NEUTRAL] * 10))


@pytest.fixture
def figures(ask):
    """What a made-up model answers, in two label sets."""
    found = ask(sure(*[SAD] * 5, *[NEUTRAL] * 5))
    return replace(found, model="one", answers=found.answers | {"ferplus8": found.answers["fer7"]})


def test_a_line_for_each_model_and_label_set(figures):
    header, first, second = table([figures]).splitlines()
    assert header.split()[:3] == ["model", "answers", "subtle"]
    assert first.split()[:4] == ["one", "fer7", "3", "100.0%"]
    assert second.split()[1] == "ferplus8"


def test_what_is_stored_names_the_model_and_comes_back(figures, tmp_path):
    assert (figures.artifact, figures.dataset) == ("a", "d")
    figures.save(tmp_path / "new")
    replace(figures, model="another").save(tmp_path / "new")
    assert subtle.stored(tmp_path / "new") == [replace(figures, model="another"), figures]


def test_a_damaged_file_and_another_dataset_are_told_in_a_sentence(figures, tmp_path):
    figures.save(tmp_path)
    replace(figures, model="another", dataset="e").save(tmp_path)
    with pytest.raises(TrainingError, match="not measured on the same dataset"):
        subtle.stored(tmp_path)
    (tmp_path / "one.json").write_text("{}")
    with pytest.raises(TrainingError, match=r"one\.json: not figures .* `python -m training subtle --out`"):
        subtle.stored(tmp_path)
