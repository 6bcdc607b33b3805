"""What class names stand for."""

import csv
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels import FERPLUS8, UnknownLabelError
from training.datasets.incoming import classes as module
from training.datasets.incoming.classes import NUMBERS, Classes, number_of, plain
from training.errors import DatasetError


def meant(name, classes="", numbers=None):
    label = Classes.parse(classes).label_of(name, numbers)
    return None if label is None else FERPLUS8.labels[label]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Happiness", "happy"),
        ("face_disgusted", "disgust"),
        ("3_happy", "happy"),
        ("Sad faces", "sad"),
        ("01-neutral", "neutral"),
        ("Enfado", "angry"),
        ("colère", "angry"),
        ("COLERE", "angry"),
        ("Überraschung", "surprise"),
        ("U\u0308berraschung", "surprise"),  # as macOS writes it
        ("Нейтральный", "neutral"),
        ("üzgün", "sad"),
        ("高兴", "happy"),
        ("嫌悪", "disgust"),
        ("슬픔", "sad"),
        ("خوف", "fear"),
    ],
)
def test_spellings_in_many_languages(name, label):
    assert meant(name) == label


def test_no_word_of_the_table_means_two_things():
    found = defaultdict(set)
    with module._TRANSLATIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert None not in row
            for label in FERPLUS8.labels:
                assert row[label].split(), row["language"]
                for word in row[label].split():
                    found[plain(word)].add(label)
    assert {word: labels for word, labels in found.items() if len(labels) > 1} == {}


def test_what_a_user_states_comes_first():
    stated = "1=surprise, Ahegao=-, Sad=neutral"
    assert meant("1", stated) == "surprise"
    assert meant("1.0", stated, NUMBERS["fer2013"]) == "surprise"
    assert meant("AHEGAO", stated) is None
    assert meant("sad", stated) == "neutral"
    assert meant("Trauer", stated) == "neutral"  # what `sad` is, in any language
    assert meant("angry", stated) == "angry"


def test_numbers_mean_what_their_dataset_says():
    assert [meant("0", numbers=NUMBERS[name]) for name in ("fer2013", "affectnet")] == ["angry", "neutral"]
    assert meant(" 3.0 ", numbers=NUMBERS["raf-db"]) == "disgust"
    assert meant("4", "affectnet") == "fear"
    assert [meant(str(i), "neutral,-,feliz") for i in range(3)] == ["neutral", None, "happy"]
    with pytest.raises(UnknownLabelError):
        meant("0")


@pytest.mark.parametrize("text", ["happy", "a=b", "=happy", "Ahegao=", "happy,bored", "affectnet,fer2013", "1:happy"])
def test_what_says_nothing_about_classes_is_refused(text):
    with pytest.raises(DatasetError, match="--classes"):
        Classes.parse(text)


@given(st.text(max_size=40))
def test_any_name_is_known_or_unknown(name):
    assert Classes().knows(name) in (True, False)
    assert plain(plain(name)) == plain(name)
    number_of(name)
