import colorsys

import pytest

from core.labels import FER7, FERPLUS8, LABEL_SETS, UnknownLabelError


@pytest.mark.parametrize("name", LABEL_SETS)
def test_every_label_has_its_colour_and_no_two_share_one(name):
    label_set = LABEL_SETS[name]
    assert list(label_set.colours) == list(label_set.labels)
    assert len(set(label_set.colours.values())) == len(label_set)


def test_order_is_that_of_the_csv():
    assert FER7.labels == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    assert FERPLUS8.labels == (*FER7.labels, "contempt")


@pytest.mark.parametrize(
    ("spelling", "label"),
    [("Happiness", "happy"), (" SAD ", "sad"), ("Disgusted", "disgust"), ("fearful", "fear"), ("Suprise", "surprise")],
)
def test_spellings(spelling, label):
    assert FER7.labels[FER7.index(spelling)] == label


def test_unknown_spelling_lists_the_known_ones():
    with pytest.raises(UnknownLabelError, match=r"'bored'.*happiness"):
        FER7.index("bored")


def test_contempt_belongs_to_ferplus_alone():
    assert FERPLUS8.index("Contempt") == 7
    with pytest.raises(UnknownLabelError):
        FER7.index("contempt")


@pytest.mark.parametrize("colour", FERPLUS8.colours.values())
def test_colours_stand_out_on_light_and_on_dark(colour):
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    assert 0.3 < colorsys.rgb_to_hls(red, green, blue)[1] < 0.7
