from dataclasses import replace

import numpy as np
import pytest

from core.readings import Answer, Face, FaceQuality, HeadPose, Reading

GOOD = FaceQuality(inside=1.0, pixels=60, turn=0.1, roll=3, sharpness=0.7, light=0.5)


def reading(probabilities, unsure_below=0.0):
    face = Face((0, 0, 10, 10), 0.9, ((2, 3), (8, 3)), (5, 8), GOOD, np.zeros((48, 48, 3), np.uint8))
    return Reading(face, {"fer7": Answer(probabilities, unsure_below)})


def test_the_likeliest_label_and_its_probability():
    it = reading({"happy": 0.2, "sad": 0.7, "neutral": 0.1})
    assert (it.label, it.confidence) == ("sad", 0.7)


@pytest.mark.parametrize(("bar", "unsure"), [(0.0, False), (0.5, False), (0.71, True)])
def test_unsure_is_what_stays_below_the_models_own_bar(bar, unsure):
    assert reading({"sad": 0.7, "neutral": 0.3}, bar).unsure is unsure


@pytest.mark.parametrize(("bar", "words"), [(0.0, "sad, 70%"), (0.71, "unsure (perhaps sad, 70%)")])
def test_the_words_tell_an_unsure_answer_from_a_sure_one(bar, words):
    assert reading({"sad": 0.7, "neutral": 0.3}, bar).answer.words == words


def test_a_good_view_needs_no_hint():
    assert GOOD.hints == ()


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("inside", 0.5, "cut off"),
        ("pixels", 8, "small"),
        ("turn", 0.9, "turn"),
        ("light", 0.05, "dark"),
        ("light", 0.99, "bright"),
        ("sharpness", 0.1, "blurred"),
    ],
)
def test_each_fault_has_its_hint(field, value, word):
    (hint,) = FaceQuality(**(vars(GOOD) | {field: value})).hints
    assert word in hint


@pytest.mark.parametrize(
    ("pose", "words"),
    [
        (HeadPose(35, 0, 0), "turned 35° to the left"),
        (HeadPose(-42, 30, 0), "turned 42° to the right"),
        (HeadPose(5, 28, 0), "turned 28° up"),
        (HeadPose(5, -28, 0), "turned 28° down"),
    ],
)
def test_a_head_that_is_turned_far_is_told_how_far(pose, words):
    (hint,) = replace(GOOD, pose=pose).hints
    assert hint.startswith(words)


def test_a_measured_pose_counts_more_than_the_guess_from_the_nose():
    assert replace(GOOD, turn=0.9, pose=HeadPose(10, -8, 40)).hints == ()


def test_an_answer_is_blank_where_all_labels_are_alike():
    assert Answer({"happy": 1 / 3, "sad": 1 / 3, "neutral": 1 / 3}).blank
    assert not Answer({"happy": 0.3334, "sad": 0.3333, "neutral": 0.3333}).blank
