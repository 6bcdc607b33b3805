import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cards import Card, Output
from core.corrections import NEUTRAL, UNSURE_BELOW, Baseline, flattened, with_flat_prior
from core.labels import FER7
from core.readings import Answer

AT_REST = {"angry": 0.15, "disgust": 0.01, "fear": 0.09, "happy": 0.02, "sad": 0.43, "surprise": 0.02, "neutral": 0.28}


def answers(probabilities=AT_REST, unsure_below=0.5, **odds):
    """What a model says of a face, with the odds of some labels multiplied."""
    values = {label: value * odds.get(label, 1.0) for label, value in probabilities.items()}
    total = sum(values.values())
    return {"fer7": Answer({label: value / total for label, value in values.items()}, unsure_below)}


def noisy(rng, **odds):
    return answers(**{label: float(np.exp(rng.normal(0, 0.3))) * odds.get(label, 1.0) for label in AT_REST})


def test_a_face_at_rest_that_looks_sad_is_read_as_neutral_afterwards():
    assert answers()["fer7"].label == "sad"
    read = Baseline.of([answers()]).correct(answers())["fer7"]
    assert read.label == "neutral"
    assert read.confidence == pytest.approx(NEUTRAL)
    assert read.unsure_below == UNSURE_BELOW
    assert not read.unsure


def test_an_unsteady_face_at_rest_is_still_neutral():
    rng = np.random.default_rng(0)
    baseline = Baseline.of(noisy(rng) for _ in range(30))
    read = [baseline.correct(noisy(rng))["fer7"].label for _ in range(300)]
    assert np.mean([label == "neutral" for label in read]) > 0.95


@pytest.mark.parametrize("label", [label for label in FER7.labels if label != "neutral"])
def test_a_rise_against_ones_own_neutral_is_read(label):
    baseline = Baseline.of([answers()])
    assert baseline.correct(answers(**{label: 2}))["fer7"].label == "neutral"
    read = baseline.correct(answers(**{label: 5}))["fer7"]
    assert read.label == label
    assert not read.unsure


def test_the_class_prior_makes_no_difference_once_there_is_a_baseline():
    tilt = {"happy": 3.0, "disgust": 5.0, "neutral": 0.5}
    tilted = Baseline.of([answers(**tilt)]).correct(answers(**tilt | {"disgust": 20.0}))["fer7"]
    straight = Baseline.of([answers()]).correct(answers(disgust=4.0))["fer7"]
    assert tilted.probabilities == pytest.approx(straight.probabilities)


def test_another_models_labels_stay_as_they_are():
    baseline = Baseline.of([answers()])
    other = {"ferplus8": Answer({"sad": 0.4, "neutral": 0.6})}
    assert baseline.correct(other) == other
    assert baseline.correct({"fer7": other["ferplus8"]}) == {"fer7": other["ferplus8"]}


def test_labels_without_neutral_stay_as_they_are():
    two = {"fer7": Answer({"happy": 0.3, "sad": 0.7})}
    assert Baseline.of([two]).correct(two) == two


def test_a_baseline_of_nothing_changes_nothing():
    assert Baseline().correct(answers()) == answers()


def test_each_label_set_has_a_mean_of_its_own():
    both = answers() | {"ferplus8": Answer({"sad": 0.5, "fear": 0.3, "neutral": 0.2})}
    read = Baseline.of([answers(), both]).correct(both)
    assert [answer.confidence for answer in read.values()] == pytest.approx([NEUTRAL, NEUTRAL])


def test_what_the_model_could_not_see_is_neither_counted_nor_corrected():
    blank = answers(dict.fromkeys(FER7.labels, 1.0))
    assert Baseline.of([answers(), blank]).correct(answers()) == Baseline.of([answers()]).correct(answers())
    assert Baseline.of([answers()]).correct(blank) == blank
    assert Baseline.of([blank]).correct(answers()) == answers()


PROBABILITIES = st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda values: min(values) < max(values))
LOOKS = PROBABILITIES.map(lambda values: answers(dict(zip(FER7.labels, values, strict=True))))


@settings(deadline=None)  # the machine may be busy
@given(LOOKS, LOOKS)
def test_corrected_probabilities_sum_to_1(rest, now):
    corrected = Baseline.of([rest]).correct(now)["fer7"]
    assert sum(corrected.probabilities.values()) == pytest.approx(1)
    assert min(corrected.probabilities.values()) >= 0
    json.dumps(corrected.probabilities)  # plain numbers


@settings(deadline=None)  # the machine may be busy
@given(LOOKS, st.integers(1, 5))
def test_a_neutral_face_read_with_its_own_baseline_is_neutral(rest, times):
    read = Baseline.of([rest] * times).correct(rest)["fer7"]
    assert read.label == "neutral"
    assert read.confidence == pytest.approx(NEUTRAL)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(LOOKS, min_size=2, max_size=6), LOOKS)
def test_the_order_of_the_looks_does_not_matter(looks, now):
    one, other = (Baseline.of(some).correct(now)["fer7"].probabilities for some in (looks, looks[::-1]))
    assert one == pytest.approx(other)


FREQUENCIES = [0.139, 0.015, 0.143, 0.251, 0.168, 0.111, 0.173]


def test_a_flat_prior_divides_by_how_common_each_label_was():
    card = SimpleNamespace(data={"priors": {"fer7": FREQUENCIES}})
    as_common = answers(dict(zip(FER7.labels, FREQUENCIES, strict=True)))
    flat = with_flat_prior(as_common, card)["fer7"]
    assert flat.probabilities == pytest.approx(dict.fromkeys(FER7.labels, 1 / 7))
    assert flat.unsure_below == as_common["fer7"].unsure_below


PRIORS = st.lists(st.just(0.0) | st.floats(1e-9, 1), min_size=7, max_size=7)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(LOOKS, min_size=1, max_size=3), PRIORS)
def test_under_a_flat_prior_a_label_that_was_never_taught_has_no_chance(looks, priors):
    given_rows = np.array([list(look["fer7"].probabilities.values()) for look in looks])
    flat, taught = flattened(given_rows, priors), np.array(priors) > 0
    assert flat.sum(axis=1) == pytest.approx(1)
    if taught.any():
        assert (flat[:, ~taught] == 0).all()
        common = np.array(priors)[taught]
        for now, before in zip(flat[:, taught], given_rows[:, taught], strict=True):
            if before.sum() > 0:
                np.testing.assert_allclose(now * common * before.sum(), before * (now * common).sum(), atol=1e-9)
            else:
                assert now == pytest.approx(1 / taught.sum())
    else:
        np.testing.assert_array_equal(flat, given_rows)


def test_under_a_flat_prior_a_face_that_was_not_found_stays_so():
    flat = flattened(np.array([[np.nan] * 3, [0.2, 0.3, 0.5]]), [0.5, 0.5, 0])
    assert np.isnan(flat[0]).any()
    assert flat[1].tolist() == pytest.approx([0.4, 0.6, 0])


def card_with(**data):
    outputs = {"fer7": Output(FER7.labels, "some")}
    return Card("m", "quick", "", {"name": "pixels"}, outputs, {}, {}, data=data)


@pytest.mark.parametrize(
    "data", [{"priors": {"fer7": [0, 0, 0, 0.5, 0.3, 0, 0.2]}}, {"labels": ["happy", "-", "sad", "neutral"]}]
)
def test_a_baseline_gives_nothing_to_a_label_that_was_never_taught(data):
    card = card_with(**data)
    assert card.taught("fer7") == ("happy", "sad", "neutral")
    baseline = Baseline.of([answers()], card)
    for now in (answers(), answers(happy=20.0), answers(fear=20.0)):
        corrected = baseline.correct(now)["fer7"].probabilities
        assert tuple(corrected) == FER7.labels
        assert [corrected[label] for label in ("angry", "disgust", "fear", "surprise")] == [0] * 4
        assert sum(corrected.values()) == pytest.approx(1)
    assert baseline.correct(answers(happy=20.0))["fer7"].label == "happy"


def test_a_model_that_was_never_taught_neutral_takes_no_baseline():
    card = card_with(priors={"fer7": [0.5, 0.5, 0, 0, 0, 0, 0]})
    assert Baseline.of([answers()], card).correct(answers()) == answers()


@pytest.mark.parametrize("data", [{}, {"priors": {"fer7": [0] * 7}}, {"labels": "sad"}, {"labels": []}])
def test_where_a_card_does_not_tell_all_labels_count_as_taught(data):
    assert card_with(**data).taught("fer7") == FER7.labels


def test_without_known_frequencies_nothing_changes():
    assert with_flat_prior(answers(), SimpleNamespace(data={})) == answers()


@pytest.mark.parametrize(
    ("label", "confidence", "is_doubtful"),
    [("happy", 0.99, True), ("surprise", 0.85, True), ("sad", 0.6, False), ("neutral", 0.99, False)],
)
def test_a_face_at_rest_that_clearly_shows_something_else_is_doubtful(label, confidence, is_doubtful):
    others = (1 - confidence) / 6
    shown = Answer({name: confidence if name == label else others for name in FER7.labels})
    baseline = Baseline.of([{"fer7": shown}] * 3)
    assert baseline.at_rest["fer7"].probabilities == pytest.approx(shown.probabilities, abs=1e-3)
    assert (baseline.doubt.label if baseline.doubt else None) == (label if is_doubtful else None)
    assert baseline.correct(baseline.at_rest)["fer7"].label == "neutral"


def test_a_baseline_of_nothing_is_not_doubtful():
    assert Baseline().doubt is None
