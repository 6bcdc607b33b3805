"""Who is shown, by file names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.datasets.incoming.classes import Classes
from training.datasets.incoming.persons import SCHEMES, person_by, person_pattern, told_by_name
from training.errors import DatasetError


@pytest.mark.parametrize(
    ("name", "scheme", "person", "expression"),
    [
        ("anger/S010_004_00000017.png", "CK+", "S010", None),
        ("KA.HA3.31.tiff", "JAFFE", "KA", "happy"),
        ("AF01/AF01AFHL.JPG", "KDEF", "F01", "fear"),
        ("BF01SUS.JPG", "KDEF", "F01", "surprise"),
        ("Rafd090_01_Caucasian_female_disgusted_frontal.jpg", "RaFD", "01", "disgusted"),
        ("01F_SP_O.bmp", "NimStim", "01F", "surprise"),
        ("004_o_m_d_b.jpg", "FACES", "004", "disgust"),
        ("1001_DFA_ANG_XX_frame12.jpg", "CREMA-D", "1001", "angry"),
        ("01-01-06-01-02-01-12.png", "RAVDESS", "12", "fear"),
        ("CFD-WF-001-003-HO.jpg", "Chicago Face Database", "WF-001", "happy"),
    ],
)
def test_names_of_well_known_datasets(name, scheme, person, expression):
    told = told_by_name(name)
    assert (told.scheme, told.person, told.expression) == (scheme, person, expression)


@pytest.mark.parametrize(
    "name",
    ["1.png", "Training_1234.jpg", "train_00001_aligned.jpg", "IMG_2041.JPG", "fer0001234.png", "image0000006.jpg"],
)
def test_other_names_tell_nothing(name):
    assert told_by_name(name) is None


def test_every_code_is_a_known_class_or_calm():
    for scheme in SCHEMES:
        assert {name for name in scheme.codes.values() if not Classes().knows(name)} <= {"calm"}


def test_a_users_pattern():
    name = "happy/anna-3_b.png"
    assert person_by(re.compile("/(.+?)[-_]"), name) == "anna"
    assert person_by(re.compile("anna"), name) == "anna"
    assert person_by(re.compile("(?P<x>b)|(?P<person>a)"), "a") == "a"
    assert person_by(re.compile("zoe"), name) is None
    with pytest.raises(DatasetError, match="--person"):
        person_pattern("(")


@given(st.text(max_size=60))
def test_any_name_is_read(name):
    told_by_name(name)
