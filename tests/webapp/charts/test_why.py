import numpy as np

from webapp.charts import why


def test_orange_lies_where_the_map_is_high():
    saliency = np.zeros((48, 48), np.float32)
    saliency[:24, :24] = 1
    crop = np.full((48, 48, 3), 128, np.uint8)
    crop[24:, 24:] = (0, 0, 255)
    picture = why.saliency_picture(crop, saliency, side=96)
    assert (picture.shape, picture.dtype) == ((96, 96, 3), np.uint8)
    red, _, blue = picture[20, 20].astype(int)
    assert red > blue + 100
    assert len(set(picture[80, 80].tolist())) == 1  # grey, whatever colour the face had


def test_the_marked_part_has_an_outline():
    saliency = np.zeros((48, 48), np.float32)
    saliency[10:31, 10:32] = 1
    picture = why.saliency_picture(np.zeros((48, 48, 3), np.uint8), saliency, side=96)
    assert (picture > 200).all(axis=2).sum() > 100
    assert not picture[90].any()


def test_between_two_pictures_the_ground_is_seen():
    left, right = np.full((40, 40, 3), 10, np.uint8), np.full((40, 40, 3), 20, np.uint8)
    both = why.side_by_side(left, right)
    assert both[0].tolist() == [[10, 10, 10, 255]] * 40 + [[0, 0, 0, 0]] * 2 + [[20, 20, 20, 255]] * 40


def test_each_model_has_a_bar_of_all_its_labels(recognizer):
    reading = recognizer._reading(0, 60)
    figure = why.answers({"quick": reading, "cnn": reading})
    assert [annotation.text for annotation in figure.layout.annotations] == [
        "<b>quick</b>  happy 94 %",
        "<b>cnn</b>  happy 94 %",
    ]
    for model in ("quick", "cnn"):
        values = [bar.x[0] for bar in figure.data if bar.y == (model,)]
        assert values == list(reading.probabilities.values())
    assert [bar.text for bar in figure.data if bar.text] == ["happy"] * 2
