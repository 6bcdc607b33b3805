import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.inference.pictures import PictureForm
from training.adoption.descriptions import parse_input, parse_labels
from training.errors import TrainingError

IMAGENET = "0.485,0.456,0.406"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("48x48 grey 0..1", PictureForm(48, 48, 1, 0, 1)),
        ("48X48  Gray 0..255", PictureForm(48, 48, 1, 0, 255)),
        ("224x160 rgb -1..1", PictureForm(224, 160, 3, -1, 1)),
        ("64x64 bgr -0.5..0.5", PictureForm(64, 64, 3, -0.5, 0.5)),
        ("48x48 grey 0..1 mean 0.5 std 0.25", PictureForm(48, 48, 1, 0, 1, (0.5,), (0.25,))),
        ("48x48 rgb 0..1 deviation .5", PictureForm(48, 48, 3, 0, 1, (), (0.5, 0.5, 0.5))),
        ("48x48 bgr 0..255 mean 103.9, 116.8 ,123.7", PictureForm(48, 48, 3, 0, 255, (103.9, 116.8, 123.7))),
    ],
)
def test_inputs_are_read(text, expected):
    assert parse_input(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "48 grey 0..1", "48x48 0..1", "48x48 grey", "48x48 grey 1..0", "9999x9 rgb 0..1"),
        *("48x48 grey 0..1 mean", "48x48 grey 0..1 std 0", "48x48 rgb 0..1 mean 1,2", "48x48 grey 0..1 mean 1,2,3"),
    ],
)
def test_other_inputs_are_refused_with_an_example(text):
    with pytest.raises(TrainingError, match=r"such as .48x48 grey 0\.\.1"):
        parse_input(text)


@given(st.integers(0, 255), st.sampled_from([0, 1, 2]))
def test_a_channel_is_what_its_mean_and_deviation_make_of_it(grey, channel):
    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    form = parse_input(f"48x48 rgb 0..1 mean {IMAGENET} std 0.229,0.224,0.225")
    made = form.made_of(np.full((1, 48, 48, 1), grey, np.uint8))
    assert made.shape == (1, 48, 48, 3)
    assert made.dtype == np.float32
    assert made[..., channel] == pytest.approx((grey / 255 - mean[channel]) / deviation[channel], abs=1e-5)


def test_labels_are_read_in_any_spelling():
    assert parse_labels("Anger, happiness,-,Surprised") == ("angry", "happy", "-", "surprise")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("angry,bored", "unknown expression 'bored'"),
        ("angry,sad,anger", "angry is given twice"),
        ("sad", "at least two"),
    ],
)
def test_labels_that_cannot_be_are_named(text, words):
    with pytest.raises(TrainingError, match=words):
        parse_labels(text)
