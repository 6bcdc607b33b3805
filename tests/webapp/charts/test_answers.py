import numpy as np
import pytest

from core.labels import FER7
from webapp.charts import answers


@pytest.fixture
def figure(reading):
    return answers.probability_bars(reading())


def test_bars_name_every_label_in_order(figure):
    (bars,) = figure.data
    assert [name.removeprefix("<b>").removesuffix("</b>") for name in bars.y] == list(FER7.labels)
    assert figure.layout.yaxis.autorange == "reversed"


def test_bars_differ_by_more_than_colour(figure):
    (bars,) = figure.data
    assert list(bars.marker.color) == [FER7.colours[label] for label in FER7.labels]
    assert list(bars.text) == ["1%", "1%", "1%", "94%", "1%", "1%", "1%"]
    assert [name for name in bars.y if name.startswith("<b>")] == ["<b>happy</b>"]


def test_bars_suit_light_and_dark_pages(figure):
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_orange_lies_where_the_map_is_high():
    saliency = np.zeros((48, 48), np.float32)
    saliency[:24, :24] = 1
    crop = np.full((48, 48, 3), 128, np.uint8)
    crop[24:, 24:] = (0, 0, 255)
    picture = answers.saliency_picture(crop, saliency, side=96)
    assert (picture.shape, picture.dtype) == ((96, 96, 3), np.uint8)
    red, _, blue = picture[20, 20].astype(int)
    assert red > blue + 100
    assert len(set(picture[80, 80].tolist())) == 1  # grey, whatever colour the face had


def test_the_marked_part_has_an_outline():
    saliency = np.zeros((48, 48), np.float32)
    saliency[10:31, 10:32] = 1
    picture = answers.saliency_picture(np.zeros((48, 48, 3), np.uint8), saliency, side=96)
    assert (picture > 200).all(axis=2).sum() > 100
    assert not picture[90].any()


def test_the_face_and_its_saliency_are_one_picture_with_a_clear_gap():
    both = answers.explanation(np.full((48, 48, 3), 10, np.uint8), np.zeros((48, 48), np.float32))
    assert both.shape == (240, 240 + 12 + 240, 4)
    assert both[0, 0].tolist() == [10, 10, 10, 255]
    assert not both[:, 240:252].any()


def test_each_model_has_a_bar_of_all_its_labels(reading):
    one = reading()
    figure = answers.model_bars({"quick": one, "cnn": one})
    assert [annotation.text for annotation in figure.layout.annotations] == [
        "<b>quick</b>  happy, 94%",
        "<b>cnn</b>  happy, 94%",
    ]
    for model in ("quick", "cnn"):
        values = [bar.x[0] for bar in figure.data if bar.y == (model,)]
        assert values == list(one.probabilities.values())
    assert [bar.text for bar in figure.data if bar.text] == ["happy"] * 2
