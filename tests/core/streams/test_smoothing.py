from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.readings import Answer
from core.streams.smoothing import AHEAD_S, MARGIN, Smoother


def answer(happy, unsure_below=0.0, rest=("sad",)):
    return {"fer7": Answer({"happy": happy} | {label: (1 - happy) / len(rest) for label in rest}, unsure_below)}


def run(times, happy, smoothing_s=0.4, unsure_below=0.0, rest=("sad",)):
    """The answers to a signal at the given times."""
    smoother = Smoother()
    return [smoother.update(1, t, answer(happy(t), unsure_below, rest), smoothing_s)["fer7"] for t in map(float, times)]


def changes(labels):
    return sum(a != b for a, b in pairwise(labels))


def test_the_first_value_is_taken_as_it_is():
    (first,) = run([3.0], lambda t: 0.7)
    assert first.probabilities == pytest.approx({"happy": 0.7, "sad": 0.3})
    assert first.held == "happy"


def test_after_a_time_constant_two_thirds_of_a_change_have_arrived():
    times = np.arange(0, 2.001, 0.01)
    seen = run(times, lambda t: 1.0 if t > 1 else 0.0, smoothing_s=0.4)
    assert seen[140].probabilities["happy"] == pytest.approx(1 - np.exp(-1), abs=0.01)


@pytest.mark.parametrize("smoothing_s", [0.2, 0.4, 1.0])
def test_the_frame_rate_makes_no_difference(smoothing_s):
    def signal(t):
        return 0.5 + 0.4 * np.sin(2 * np.pi * t / 2)

    at = {}
    for fps in (10, 15, 30, 60):
        times = np.arange(0, 6, 1 / fps)
        seen = run(times, signal, smoothing_s)
        at[fps] = [seen[round(t * fps)].probabilities["happy"] for t in np.arange(0, 5.5, 0.2)]
    for fps in (10, 15, 30):
        np.testing.assert_allclose(at[fps], at[60], atol=0.01)


def test_no_smoothing_gives_the_probabilities_themselves():
    assert [a.probabilities["happy"] for a in run([0, 0.1, 0.2], {0: 0.9, 0.1: 0.2, 0.2: 0.6}.get, 0)] == [
        0.9,
        0.2,
        0.6,
    ]


def test_the_time_constant_may_change_while_it_runs():
    smoother = Smoother()
    smoother.update(1, 0.0, answer(1.0), 0.4)
    slow = smoother.update(1, 0.1, answer(0.0), 5.0)["fer7"].probabilities["happy"]
    assert slow > 0.95
    assert smoother.update(1, 0.2, answer(0.0), 0.0)["fer7"].probabilities["happy"] == 0


def test_after_more_than_the_hidden_second_it_starts_anew():
    assert run([0, 0.9], {0: 1.0, 0.9: 0.0}.get, 1.0)[1].probabilities["happy"] > 0.5
    assert run([0, 1.1], {0: 1.0, 1.1: 0.0}.get, 1.0)[1].probabilities["happy"] == 0


def test_each_face_and_each_label_set_has_its_own():
    smoother = Smoother()
    smoother.update(1, 0.0, answer(1.0), 0.4)
    assert smoother.update(2, 0.0, answer(0.0), 0.4)["fer7"].probabilities["happy"] == 0
    both = smoother.update(1, 0.1, answer(1.0) | {"ferplus8": answer(0.2)["fer7"]}, 0.4)
    assert both["fer7"].probabilities["happy"] == pytest.approx(1)
    assert both["ferplus8"].probabilities["happy"] == 0.2


def test_another_models_labels_start_anew():
    smoother = Smoother()
    smoother.update(1, 0.0, answer(1.0), 0.4)
    assert smoother.update(1, 0.1, answer(0.3, rest=("sad", "fear")), 0.4)["fer7"].probabilities["happy"] == 0.3


def test_the_same_moment_twice_and_a_clock_that_goes_back_are_no_trouble():
    for seen in run([1.0, 1.0, 0.5], lambda t: 0.7):
        assert seen.probabilities == pytest.approx({"happy": 0.7, "sad": 0.3})


@pytest.mark.parametrize("fps", [10, 30])
@pytest.mark.parametrize("smoothing_s", [0.0, 0.4])
def test_around_a_tie_the_label_does_not_flicker(fps, smoothing_s):
    rng = np.random.default_rng(3)
    noise = iter(rng.uniform(-0.9, 0.9, 100_000) * MARGIN / 2)
    minute = run(np.arange(0, 60, 1 / fps), lambda t: 0.5 + next(noise), smoothing_s)
    assert changes([max(a.probabilities, key=a.probabilities.get) for a in minute]) > 40
    assert changes([a.label for a in minute]) <= 6


def test_a_label_that_is_clearly_ahead_is_shown_at_once():
    assert [a.held for a in run([0, 0.1, 0.2], {0: 0.9, 0.1: 0.4, 0.2: 0.9}.get, 0)] == ["happy", "sad", "happy"]


def test_one_that_is_narrowly_ahead_is_shown_after_a_while():
    times = np.arange(0, 3, 0.1)
    seen = run(times, lambda t: 0.6 if t < 0.95 else 0.47, smoothing_s=0)
    changed = next(t for t, a in zip(times, seen, strict=True) if a.held == "sad")
    assert changed == pytest.approx(1.0 + AHEAD_S, abs=0.15)


def test_unsure_does_not_flicker_around_the_bar():
    rng = np.random.default_rng(3)
    seen = run(np.arange(0, 20, 0.1), lambda t: 0.6 + rng.uniform(-0.02, 0.02), smoothing_s=0, unsure_below=0.6)
    assert len({a.unsure for a in seen}) == 1


@pytest.mark.parametrize(("happy", "unsure"), [(0.5, True), (0.7, False)])
def test_it_is_unsure_when_nothing_is_ahead(happy, unsure):
    assert run(np.arange(0, 3, 0.1), lambda t: happy if t > 1 else 1.2 - happy, unsure_below=0.6)[-1].unsure is unsure


def test_a_model_that_always_answers_is_never_unsure():
    assert not any(a.unsure for a in run(np.arange(0, 2, 0.1), lambda t: 0.5))


def test_nothing_is_left_of_faces_that_are_gone():
    smoother = Smoother()
    for number in range(1000):
        smoother.update(number, number * 0.5, answer(0.5), 0.4)
    assert len(smoother._states) <= 3


@given(
    st.lists(
        st.tuples(
            st.floats(0, 2), st.lists(st.floats(1e-6, 1), min_size=7, max_size=7), st.sampled_from([0, 0.01, 0.4, 10])
        ),
        min_size=1,
        max_size=20,
    )
)
def test_probabilities_sum_to_1_and_stay_among_those_seen(stream):
    smoother, time_s, seen = Smoother(), 0.0, []
    for step, weights, smoothing_s in stream:
        time_s += step
        seen.append(np.array(weights) / sum(weights))
        given_answer = Answer(dict(zip("abcdefg", seen[-1].tolist(), strict=True)), 0.5)
        smooth = smoother.update(1, time_s, {"fer7": given_answer}, smoothing_s)["fer7"]
        values = np.array(list(smooth.probabilities.values()))
        assert values.sum() == pytest.approx(1)
        assert (values >= np.min(seen, axis=0) - 1e-9).all()
        assert (values <= np.max(seen, axis=0) + 1e-9).all()
        assert smooth.held in "abcdefg"
        assert given_answer.held is None
