"""Made scenes: people are patterns, crops are noisy pictures of them."""

import tracemalloc

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.readings import Face, FaceQuality
from core.streams.tracking import HIDDEN_S, PAUSE_S, Tracker

QUALITY = FaceQuality(inside=1.0, pixels=60, turn=0.1, roll=3, sharpness=0.7, light=0.5)
SIDE = 100
CLOCKS = ((5, False), (15, True), (30, False), (60, True))  # pictures a second, and whether unevenly


def person(seed):
    """What someone looks like: a smooth colour pattern."""
    pattern = np.random.default_rng(seed).uniform(20, 235, (5, 5, 3)).astype(np.float32)
    return cv2.resize(pattern, (48, 48), interpolation=cv2.INTER_CUBIC)


ANNA, BEN = person(1), person(2)


def look(who, rng, light=1.0):
    """A crop, as differently as two pictures show one person: noise, light, an unsteady cut."""
    shift = np.float32([[1, 0, rng.normal(0, 1)], [0, 1, rng.normal(0, 1)]])
    seen = cv2.warpAffine(who, shift, (48, 48), borderMode=cv2.BORDER_REFLECT)
    seen = seen * light * rng.uniform(0.9, 1.1) + rng.normal(0, 10, (48, 48, 3))
    return np.clip(seen, 0, 255).astype(np.uint8)


def face(who, rng, x, y=200.0, side=SIDE, **kwargs):
    side = side * rng.normal(1, 0.03)
    x, y = x + rng.normal(0, 0.03 * SIDE) - side / 2, y + rng.normal(0, 0.03 * SIDE) - side / 2
    eyes = ((x + 0.3 * side, y + 0.4 * side), (x + 0.7 * side, y + 0.4 * side))
    return Face((x, y, side, side), 0.9, eyes, (x + 0.5 * side, y + 0.8 * side), QUALITY, look(who, rng, **kwargs))


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture(params=CLOCKS, ids=str)
def clock(request, rng):
    """Times from 0 to any end, at a rate, evenly or not."""
    fps, jitter = request.param

    def times(until):
        even = np.arange(0, until, 1 / fps)
        return even + rng.uniform(0, 0.6 / fps, len(even)) if jitter else even

    return times


def follow(times, scene):
    """All numbers that each person got, when `scene` says where who is seen at a time."""
    tracker, given_to = Tracker(), {}
    for time_s in times:
        seen = scene(time_s)
        numbers = tracker.update(float(time_s), list(seen.values()))
        assert len(set(numbers)) == len(numbers)
        for name, number in zip(seen, numbers, strict=True):
            given_to.setdefault(name, []).append(number)
    return {name: list(dict.fromkeys(numbers)) for name, numbers in given_to.items()}


def test_no_face_has_no_number_and_the_first_is_1(rng):
    tracker = Tracker()
    assert tracker.update(0.0, []) == []
    assert tracker.update(0.1, [face(ANNA, rng, 100), face(BEN, rng, 400)]) == [1, 2]


@pytest.mark.parametrize("speed", [0.0, 1.0, 4.0])  # sides a second
def test_a_face_that_moves_keeps_its_number(clock, rng, speed):
    assert follow(clock(3), lambda t: {"anna": face(ANNA, rng, 100 + speed * SIDE * t)}) == {"anna": [1]}


def test_a_face_that_turns_back_and_forth_keeps_its_number(clock, rng):
    assert follow(clock(4), lambda t: {"anna": face(ANNA, rng, 300 + SIDE * np.sin(2 * np.pi * t))}) == {"anna": [1]}


def test_a_face_that_comes_closer_in_changing_light_keeps_its_number(clock, rng):
    def scene(t):
        return {"anna": face(ANNA, rng, 300, side=SIDE * 1.5**t, light=0.8 + 0.25 * np.sin(17 * t))}

    assert follow(clock(2), scene) == {"anna": [1]}


@pytest.mark.parametrize(("hidden_s", "numbers"), [(0.3, [1]), (0.8, [1]), (1.5, [1, 2])])
def test_a_face_keeps_its_number_while_hidden_for_up_to_a_second(clock, rng, hidden_s, numbers):
    def scene(t):
        return {} if 1 <= t < 1 + hidden_s else {"anna": face(ANNA, rng, 100 + 0.5 * SIDE * t)}

    assert follow(clock(4), scene) == {"anna": numbers}


def test_hidden_for_eight_tenths_and_a_new_face_meanwhile(rng):
    tracker = Tracker()
    assert tracker.update(0.0, [face(ANNA, rng, 100)]) == [1]
    assert tracker.update(0.4, [face(BEN, rng, 400)]) == [2]
    assert tracker.update(0.8, [face(ANNA, rng, 110), face(BEN, rng, 400)]) == [1, 2]


def test_a_face_that_returns_elsewhere_within_the_second_is_known_by_its_appearance(clock, rng):
    def scene(t):
        return {} if 1 <= t < 1.5 else {"anna": face(ANNA, rng, 100 if t < 1 else 500)}

    assert follow(clock(3), scene) == {"anna": [1]}


@pytest.mark.parametrize("covered_s", [0.0, 0.2, 0.5])
@pytest.mark.parametrize("speed", [0.5, 1.5])
def test_two_that_cross_keep_their_numbers(clock, rng, covered_s, speed):
    def scene(t):
        way = speed * SIDE * (t - 2)
        seen = {"anna": face(ANNA, rng, 400 + way), "ben": face(BEN, rng, 400 - way, y=210)}
        return {"anna": seen["anna"]} if abs(t - 2) < covered_s / 2 else seen

    assert follow(clock(4), scene) == {"anna": [1], "ben": [2]}


def test_two_that_meet_and_turn_back_keep_their_numbers(clock, rng):
    def scene(t):
        apart = SIDE * max(abs(t - 2), 0.2)
        return {"anna": face(ANNA, rng, 400 - apart), "ben": face(BEN, rng, 400 + apart)}

    assert follow(clock(4), scene) == {"anna": [1], "ben": [2]}


def test_two_that_change_sides_in_a_cut_are_known_by_their_appearance(clock, rng):
    def scene(t):
        left, right = (200, 600) if t < 1 else (600, 200)
        return {"anna": face(ANNA, rng, left), "ben": face(BEN, rng, right)}

    assert follow(clock(2), scene) == {"anna": [1], "ben": [2]}


def test_a_cut_to_someone_else_in_the_same_place_gives_a_new_number(clock, rng):
    def scene(t):
        return {"anna": face(ANNA, rng, 300)} if t < 1 else {"ben": face(BEN, rng, 300)}

    assert follow(clock(2), scene) == {"anna": [1], "ben": [2]}


def test_a_cut_to_a_group_gives_new_numbers(clock, rng):
    crowd = {f"person {seed}": person(seed) for seed in range(10, 14)}

    def scene(t):
        if t < 1:
            return {"anna": face(ANNA, rng, 300)}
        return {name: face(who, rng, 150 * place) for place, (name, who) in enumerate(crowd.items(), start=1)}

    assert follow(clock(2), scene) == {"anna": [1]} | {name: [n] for n, name in enumerate(crowd, start=2)}


def test_twenty_unsteady_faces_with_dropouts_keep_their_numbers(clock, rng):
    people = {n: person(100 + n) for n in range(20)}

    def scene(t):
        return {
            n: face(who, rng, 150 * (n % 5) + 20 * np.sin(n + 3 * t), 150 * (n // 5))
            for n, who in people.items()
            if t == 0 or rng.random() < 0.8
        }

    times = clock(3)
    times[0] = 0
    assert follow(times, scene) == {n: [n + 1] for n in people}


def test_people_who_come_and_go_each_get_a_number(clock, rng):
    stays = {seed: (1.2 * seed, 1.2 * seed + 2) for seed in range(5)}

    def scene(t):
        return {
            seed: face(person(seed), rng, 100 + 200 * (seed % 3)) for seed, (a, b) in stays.items() if a <= t + 0.01 < b
        }

    assert follow(clock(6), scene) == {seed: [seed + 1] for seed in stays}


@pytest.mark.parametrize(("pause_s", "number"), [(PAUSE_S - 0.5, 1), (PAUSE_S + 0.5, 2)])
def test_a_camera_that_pauses_loses_nobody_unless_for_long(rng, pause_s, number):
    tracker = Tracker()
    tracker.update(0.0, [face(ANNA, rng, 300)])
    assert tracker.update(pause_s, [face(ANNA, rng, 330)]) == [number]


def test_the_same_moment_twice_and_a_clock_that_goes_back_are_no_trouble(rng):
    tracker = Tracker()
    for time_s in (5.0, 5.0, 4.0, 5.1, 0.0):
        assert tracker.update(time_s, [face(ANNA, rng, 300)]) == [1]


def test_expected_are_the_faces_known_where_they_were_going(rng):
    tracker = Tracker()
    assert tracker.expected() == []
    for step in range(20):
        tracker.update(step * 0.1, [face(ANNA, rng, 100 + 20 * step), face(BEN, rng, 600, y=400)])
    anna, ben = tracker.expected(1.9 + 0.2)
    assert anna.box[0] + anna.box[2] / 2 == pytest.approx(480 + 40, abs=15)  # 200 pixels a second
    assert ben.box[0] + ben.box[2] / 2 == pytest.approx(600, abs=15)
    x, y, w, _ = anna.box
    assert x < anna.eyes[0][0] < anna.mouth[0] < x + w
    assert y < anna.eyes[0][1] < anna.mouth[1]
    assert tracker.expected(1.9) != tracker.expected()  # as long after the last picture as that after the one before
    tracker.update(2.0, [])
    assert len(tracker.expected(2.0 + HIDDEN_S - 0.1)) == 2
    assert tracker.expected(2.0 + HIDDEN_S + 0.1) == []


def test_nothing_is_left_of_faces_that_are_gone():
    rng, tracker = np.random.default_rng(0), Tracker()
    faces = [face(person(seed), rng, rng.uniform(0, 2000)) for seed in range(40)]
    tracemalloc.start()
    sizes = []
    for index in range(900):
        tracker.update(index * 0.5, [faces[index % 40]])
        if index % 300 == 299:
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert sizes[-1] < sizes[0] * 1.2 + 20_000
    tracker.update(1e6, [])
    assert tracker.expected() == []


FACES = [face(person(seed), np.random.default_rng(seed), 0, 0) for seed in range(6)]
PLACED = st.builds(
    lambda who, x, y, side: Face((x, y, side, side), 0.9, ((x, y), (x + 1, y)), (x, y + 1), QUALITY, FACES[who].crop),
    st.integers(0, 5),
    st.floats(-500, 2000),
    st.floats(-500, 2000),
    st.floats(1, 900),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-0.5, 2), st.lists(PLACED, max_size=6)), max_size=12))
def test_numbers_are_unique_rising_and_never_come_back(stream):
    tracker, time_s, missing_s, highest = Tracker(), 0.0, {}, 0
    for step, faces in stream:
        time_s = max(time_s, time_s + step)
        numbers = tracker.update(time_s, faces)
        assert len(numbers) == len(faces) == len(set(numbers))
        new = sorted(number for number in numbers if number > highest)
        assert new == list(range(highest + 1, highest + 1 + len(new)))
        assert all(time_s - missing_s.get(number, time_s) <= HIDDEN_S for number in numbers)
        highest += len(new)
        gone = set(range(1, highest + 1)) - set(numbers)
        missing_s = {number: missing_s.get(number, time_s) for number in gone}
