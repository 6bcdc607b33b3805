import numpy as np

from training.evaluation.curves import chosen, make_mistakes

LABELS = ("a", "b", "c")
TRUTH = np.array([0, 1, 2, 0, 1])
PROBABILITIES = np.array(
    [
        [0.9, 0.05, 0.05],  # right
        [0.6, 0.35, 0.05],  # wrong, and it thought of the truth
        [0.5, 0.48, 0.02],  # wrong, and it did not
        [np.nan] * 3,  # not found
        [0.1, 0.1, 0.8],  # wrong, and sure of it
    ]
)


def mistakes():
    return make_mistakes(LABELS, np.array([10, 11, 12, 13, 14]), TRUTH, PROBABILITIES)


def test_wrong_answers_with_their_rows_and_how_sure_they_were():
    found = mistakes()
    assert found["row"].tolist() == [11, 12, 14]
    assert found["label"].tolist() == ["b", "c", "b"]
    assert found["answer"].tolist() == ["a", "a", "c"]
    assert found["confidence"].tolist() == [0.6, 0.5, 0.8]
    assert found["for_label"].tolist() == [0.35, 0.02, 0.1]


def test_orders():
    assert chosen(mistakes(), "most confident")["row"].tolist() == [14, 11, 12]
    assert chosen(mistakes(), "worst")["row"].tolist() == [12, 14, 11]


def test_one_cell_of_the_confusion_matrix():
    assert chosen(mistakes(), label="b")["row"].tolist() == [14, 11]
    assert chosen(mistakes(), label="b", answer="a")["row"].tolist() == [11]
    assert chosen(mistakes(), label="a").empty


def test_no_face_found_at_all():
    assert make_mistakes(LABELS, np.arange(2), TRUTH[:2], np.full((2, 3), np.nan)).empty
