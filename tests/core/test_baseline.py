import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.baseline import BASELINE_S, NEUTRAL, Baselines
from core.labels import FER7
from core.priors import with_flat_prior
from core.readings import Answer

AT_REST = {"angry": 0.15, "disgust": 0.01, "fear": 0.09, "happy": 0.02, "sad": 0.43, "surprise": 0.02, "neutral": 0.28}


def answers(probabilities=AT_REST, unsure_below=0.5, **odds):
    """What a model says of a face, with the odds of some labels multiplied."""
    values = {label: value * odds.get(label, 1.0) for label, value in probabilities.items()}
    total = sum(values.values())
    return {"fer7": Answer({label: value / total for label, value in values.items()}, unsure_below)}


def noisy(rng, **odds):
    return answers(**{label: float(np.exp(rng.normal(0, 0.3))) * odds.get(label, 1.0) for label in AT_REST})


def taken(number=1, given_answers=None):
    """A whole baseline."""
    baselines = Baselines()
    baselines.start(number)
    for time_s in np.arange(0, BASELINE_S + 0.2, 0.1):
        baselines.observe(number, float(time_s), given_answers or answers())
    return baselines


def test_a_face_at_rest_that_looks_sad_is_read_as_neutral_afterwards():
    assert answers()["fer7"].label == "sad"
    read = taken().correct(1, answers())["fer7"]
    assert read.label == "neutral"
    assert read.confidence == pytest.approx(NEUTRAL)
    assert not read.unsure


def test_an_unsteady_face_at_rest_is_still_neutral():
    rng = np.random.default_rng(0)
    baselines = Baselines()
    baselines.start(1)
    for time_s in np.arange(0, BASELINE_S + 0.2, 0.1):
        baselines.observe(1, float(time_s), noisy(rng))
    read = [baselines.correct(1, noisy(rng))["fer7"].label for _ in range(300)]
    assert np.mean([label == "neutral" for label in read]) > 0.95


@pytest.mark.parametrize("label", [label for label in FER7.labels if label != "neutral"])
def test_a_rise_against_ones_own_neutral_is_read(label):
    baselines = taken()
    assert baselines.correct(1, answers(**{label: 2}))["fer7"].label == "neutral"
    read = baselines.correct(1, answers(**{label: 5}))["fer7"]
    assert read.label == label
    assert not read.unsure


def test_the_class_prior_makes_no_difference_once_there_is_a_baseline():
    tilt = {"happy": 3.0, "disgust": 5.0, "neutral": 0.5}
    tilted = taken(given_answers=answers(**tilt)).correct(1, answers(**tilt | {"disgust": 20.0}))["fer7"]
    straight = taken().correct(1, answers(disgust=4.0))["fer7"]
    assert tilted.probabilities == pytest.approx(straight.probabilities)


def test_progress_goes_from_0_to_1_with_the_time_that_the_face_is_seen():
    baselines = Baselines()
    assert baselines.state(1) is None
    baselines.start(1)
    assert baselines.state(1) == 0
    states = []
    for time_s in (10.0, 11.0, 11.5, 20.0, 20.5):  # hidden from 11.5 to 20: counted as a second
        assert baselines.correct(1, answers()) == answers()
        baselines.observe(1, time_s, answers())
        states.append(baselines.state(1))
    assert states == pytest.approx([0, 1 / 3, 1.5 / 3, 2.5 / 3, 1])
    assert baselines.correct(1, answers()) != answers()


@pytest.mark.parametrize("fps", [1, 5, 30])
def test_three_seconds_are_three_seconds_at_any_rate(fps):
    baselines = Baselines()
    baselines.start(1)
    times = np.arange(0, 10, 1 / fps)
    done = next(t for t in times if baselines.observe(1, float(t), answers()) or baselines.state(1) == 1)
    assert done == pytest.approx(BASELINE_S, abs=1.01 / fps)


def test_each_face_in_view_is_taken_when_none_is_named():
    baselines = Baselines()
    baselines.start()  # nobody is in view
    baselines.observe(1, 0.0, answers())
    baselines.observe(2, 5.0, answers())
    baselines.observe(3, 5.0, answers())
    baselines.start()
    assert [baselines.state(number) for number in (1, 2, 3)] == [None, 0, 0]


def test_one_face_and_every_face_can_be_forgotten():
    baselines = taken(1)
    baselines.start(2)
    baselines.forget(1)
    assert (baselines.state(1), baselines.state(2)) == (None, 0)
    assert baselines.correct(1, answers()) == answers()
    baselines.forget()
    assert baselines.state(2) is None


def test_taking_it_again_starts_from_nothing():
    baselines = taken()
    baselines.start(1)
    assert baselines.state(1) == 0
    assert baselines.correct(1, answers()) == answers()


def test_another_persons_answers_and_another_models_labels_stay_as_they_are():
    baselines = taken()
    other = {"ferplus8": Answer({"sad": 0.4, "neutral": 0.6})}
    assert baselines.correct(2, answers()) == answers()
    assert baselines.correct(1, other) == other
    assert baselines.correct(1, {"fer7": other["ferplus8"]}) == {"fer7": other["ferplus8"]}


def test_nothing_is_left_of_faces_that_are_gone():
    baselines = Baselines()
    for number in range(1000):
        baselines.start(number)
        baselines.observe(number, float(number), answers())
    assert len(baselines._seen_s) <= 62
    assert len(baselines._neutrals) <= 62


PROBABILITIES = st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda values: sum(values) > 0.01)


@given(PROBABILITIES, PROBABILITIES)
def test_corrected_probabilities_sum_to_1(rest, now):
    def as_answers(values):
        return answers(dict(zip(FER7.labels, np.array(values) / sum(values), strict=True)))

    corrected = taken(given_answers=as_answers(rest)).correct(1, as_answers(now))["fer7"]
    assert sum(corrected.probabilities.values()) == pytest.approx(1)
    assert min(corrected.probabilities.values()) >= 0
    json.dumps(corrected.probabilities)  # plain numbers


FREQUENCIES = [0.139, 0.015, 0.143, 0.251, 0.168, 0.111, 0.173]


def test_a_flat_prior_divides_by_how_common_each_label_was():
    card = SimpleNamespace(data={"priors": {"fer7": FREQUENCIES}})
    as_common = answers(dict(zip(FER7.labels, FREQUENCIES, strict=True)))
    flat = with_flat_prior(as_common, card)["fer7"]
    assert flat.probabilities == pytest.approx(dict.fromkeys(FER7.labels, 1 / 7))
    assert flat.unsure_below == as_common["fer7"].unsure_below


def test_without_known_frequencies_nothing_changes():
    assert with_flat_prior(answers(), SimpleNamespace(data={})) == answers()
