import numpy as np
import pytest

from core.labels import FER7
from core.output.draw import annotate, caption, colour_of, cut_out
from core.readings import Answer, Face, FaceQuality, Frame, Reading

GREY = 90


def reading(box=(10, 10, 20, 20), label="happy", unsure_below=0.0):
    face = Face(
        box,
        0.9,
        ((0, 0), (1, 0)),
        (0, 1),
        FaceQuality(pixels=20, turn=0, roll=0, sharpness=1, light=0.5, inside=1),
        np.zeros((48, 48, 3), np.uint8),
    )
    probabilities = {name: 0.94 if name == label else 0.01 for name in FER7.labels}
    return Reading(face, {"fer7": Answer(probabilities, unsure_below)})


def picture(width, height):
    return np.full((height, width, 3), GREY, np.uint8)


def drawn(width, height, *boxes):
    frame = Frame(width, height, tuple(reading(box) for box in boxes))
    return annotate(picture(width, height), frame)


def rgb(colour):
    return tuple(bytes.fromhex(colour[1:]))


def has_colour(image, colour):
    return (image == rgb(colour)).all(axis=2).any()


def test_caption():
    assert caption(1, reading(label="sad")) == "Face 1: sad, 94%"
    assert caption(2, reading(unsure_below=0.99)) == "Face 2: unsure (perhaps happy, 94%)"


def test_the_input_stays_as_it_is():
    before = picture(200, 150)
    after = annotate(before, Frame(200, 150, (reading((50, 40, 60, 60)),)))
    assert (before == GREY).all()
    assert after.shape == before.shape
    assert after.dtype == np.uint8
    assert not np.shares_memory(before, after)


def test_a_picture_without_faces_is_only_copied():
    before = picture(20, 10)
    after = annotate(before, Frame(20, 10, ()))
    assert (after == before).all()
    assert not np.shares_memory(before, after)


@pytest.mark.parametrize("label", FER7.labels)
def test_each_label_has_its_colour(label):
    image = annotate(picture(300, 300), Frame(300, 300, (reading((80, 80, 120, 120), label),)))
    assert has_colour(image, FER7.colours[label])


def test_unsure_takes_no_label_s_colour():
    assert colour_of(reading(unsure_below=0.99)) not in FER7.colours.values()


@pytest.mark.parametrize("size", [(1, 1), (20, 12), (48, 48), (640, 480), (30, 900), (4000, 3000)])
def test_any_size_of_picture(size):
    width, height = size
    box = (width * 0.2, height * 0.2, width * 0.5, height * 0.5)
    assert drawn(width, height, box).shape == (height, width, 3)


@pytest.mark.parametrize("box", [(-50, -50, 120, 120), (150, 100, 200, 200), (-20, 60, 400, 30), (500, 500, 10, 10)])
def test_a_box_over_the_edge(box):
    assert (drawn(200, 150, box) != GREY).any()


@pytest.mark.parametrize("box", [(0, 0, 300, 200), (0, 0, 40, 40), (260, 160, 40, 40), (100, 0, 90, 200)])
def test_the_caption_stays_in_the_picture(box):
    """Its plate is a filled block in the label's colour, so its rows are long runs of that colour or of ink."""
    image = drawn(300, 200, box)
    plain = (image == rgb(FER7.colours["happy"])).all(axis=2)
    assert plain.sum(axis=1).max() >= 40


def test_captions_of_neighbours_do_not_cover_each_other():
    apart = drawn(600, 400, (100, 150, 60, 60), (170, 150, 60, 60))
    colour = (apart == rgb(FER7.colours["happy"])).all(axis=2).sum()
    alone = (drawn(600, 400, (100, 150, 60, 60)) == rgb(FER7.colours["happy"])).all(axis=2).sum()
    assert colour > 1.7 * alone


@pytest.mark.parametrize("box", [(60, 40, 30, 40), (-10, -10, 30, 30), (95, 75, 30, 30), (0, 0, 100, 80)])
def test_cut_out_is_a_square(box):
    face = reading(box).face
    assert cut_out(picture(100, 80), face, side=64).shape == (64, 64, 3)


def test_cut_out_shows_the_face():
    image = picture(100, 80)
    image[30:50, 40:60] = 255
    assert cut_out(image, reading((40, 30, 20, 20)).face, side=50)[25, 25].tolist() == [255, 255, 255]
