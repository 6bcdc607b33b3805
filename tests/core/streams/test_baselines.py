import numpy as np
import pytest

from core.corrections import BASELINE_S
from core.labels import FER7
from core.readings import Answer
from core.streams.baselines import Baselines

SAD = {"fer7": Answer({label: 0.58 if label == "sad" else 0.07 for label in FER7.labels})}


def taken(number=1):
    """A whole baseline."""
    baselines = Baselines()
    baselines.start(number)
    for time_s in np.arange(0, BASELINE_S + 0.2, 0.1):
        baselines.observe(number, float(time_s), SAD)
    return baselines


def test_a_baseline_is_the_mean_of_what_was_seen_meanwhile():
    baselines = taken()
    baselines.observe(1, BASELINE_S + 1, {"fer7": Answer({label: float(label == "fear") for label in FER7.labels})})
    read = baselines.of(1).correct(SAD)["fer7"]
    assert read.label == "neutral"
    assert [value for label, value in read.probabilities.items() if label != "neutral"] == pytest.approx([0.1] * 6)


def test_progress_goes_from_0_to_1_with_the_time_that_the_face_is_seen():
    baselines = Baselines()
    assert baselines.progress(1) is None
    baselines.start(1)
    assert baselines.progress(1) == 0
    states = []
    for time_s in (10.0, 11.0, 11.5, 20.0, 20.5):  # hidden from 11.5 to 20: counted as a second
        assert baselines.of(1) is None
        baselines.observe(1, time_s, SAD)
        states.append(baselines.progress(1))
    assert states == pytest.approx([0, 1 / 3, 1.5 / 3, 2.5 / 3, 1])
    assert baselines.of(1) is not None


@pytest.mark.parametrize("fps", [1, 5, 30])
def test_three_seconds_are_three_seconds_at_any_rate(fps):
    baselines = Baselines()
    baselines.start(1)
    times = np.arange(0, 10, 1 / fps)
    done = next(t for t in times if baselines.observe(1, float(t), SAD) or baselines.progress(1) == 1)
    assert done == pytest.approx(BASELINE_S, abs=1.01 / fps)


def test_each_face_in_view_is_taken_when_none_is_named():
    baselines = Baselines()
    baselines.start()  # nobody is in view
    baselines.observe(1, 0.0, SAD)
    baselines.observe(2, 5.0, SAD)
    baselines.observe(3, 5.0, SAD)
    baselines.start()
    assert [baselines.progress(number) for number in (1, 2, 3)] == [None, 0, 0]


def test_one_face_and_every_face_can_be_forgotten():
    baselines = taken(1)
    baselines.start(2)
    baselines.forget(1)
    assert (baselines.progress(1), baselines.progress(2)) == (None, 0)
    assert baselines.of(1) is None
    baselines.forget()
    assert baselines.progress(2) is None


def test_taking_it_again_starts_from_nothing():
    baselines = taken()
    baselines.start(1)
    assert baselines.progress(1) == 0
    assert baselines.of(1) is None


def test_a_baseline_is_one_faces():
    baselines = taken(1)
    baselines.observe(2, 0.0, SAD)
    assert baselines.of(2) is None


def test_nothing_is_left_of_faces_that_are_gone():
    baselines = Baselines()
    for number in range(1000):
        baselines.start(number)
        baselines.observe(number, float(number), SAD)
    assert len(baselines._seen_s) <= 62
    assert len(baselines._recordings) <= 62
