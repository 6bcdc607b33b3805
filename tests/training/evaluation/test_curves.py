import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import average_precision_score, roc_auc_score

from training.evaluation.curves import NO_ANSWER, before_temperature, chosen, make_answers, make_curves, mistakes_in

LABELS = ("a", "b", "c")


def answers(n=900, seed=0, temperature=1.0):
    """Truth, and the softmax of logits that know it a little, over a temperature."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    logits = rng.normal(size=(n, 3)) + 1.5 * np.eye(3)[truth]
    return truth, logits, softmax(logits / temperature, axis=1).astype(np.float32)


def test_the_areas_are_those_of_all_points_though_few_are_kept():
    truth, _, probabilities = answers()
    curves = make_curves(LABELS, truth, probabilities, 1.0)
    for number, label in enumerate(LABELS):
        is_class, score = truth == number, probabilities[:, number]
        assert curves.roc[label].area == pytest.approx(roc_auc_score(is_class, score), abs=1e-5)
        assert curves.precision_recall[label].area == pytest.approx(average_precision_score(is_class, score), abs=1e-5)
        for curve in (curves.roc[label], curves.precision_recall[label]):
            assert len(curve.x) <= 200
            assert (curve.x[0], curve.x[-1]) == (0, 1)
            assert list(curve.x) == sorted(curve.x)


def test_what_the_temperature_did_is_undone():
    _, logits, probabilities = answers(temperature=1.7)
    assert before_temperature(probabilities, 1.7) == pytest.approx(softmax(logits, axis=1), abs=1e-5)


def test_the_diagram_before_is_that_of_the_undivided_logits():
    truth, logits, probabilities = answers(temperature=3.0)
    curves = make_curves(LABELS, truth, probabilities, 3.0)
    confidence = [mean for mean, _, _ in curves.reliability_before]
    assert np.mean(confidence) == pytest.approx(softmax(logits, axis=1).max(axis=1).mean(), abs=0.01)
    assert curves.ece_before < make_curves(LABELS, truth, probabilities, 1.0).ece_before


def test_a_face_that_was_not_found_stands_behind_all_others():
    truth, _, probabilities = answers()
    whole = make_curves(LABELS, truth, probabilities, 1.0)
    probabilities[truth == 0] = np.nan
    curves = make_curves(LABELS, truth, probabilities, 1.0)
    assert curves.roc["a"].area == 0 < whole.roc["a"].area
    assert sum(images for _, _, images in curves.reliability_before) == (truth != 0).sum()


def test_a_class_without_an_image_has_no_curve():
    truth, _, probabilities = answers()
    kept = truth != 2
    assert list(make_curves(LABELS, truth[kept], probabilities[kept], 1.0).roc) == ["a", "b"]


def test_no_face_found_at_all():
    curves = make_curves(LABELS, np.array([0, 1]), np.full((2, 3), np.nan), 1.0)
    assert (curves.reliability_before, curves.ece_before) == ([], 0)


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
    return mistakes_in(make_answers(LABELS, np.array([10, 11, 12, 13, 14]), TRUTH, PROBABILITIES))


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


def test_without_an_answer_there_is_no_mistake():
    unseen = make_answers(LABELS, np.arange(2), TRUTH[:2], np.full((2, 3), np.nan))
    assert unseen["answer"].tolist() == [NO_ANSWER] * 2
    assert mistakes_in(unseen).empty
