import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.faces.close_ups import FIRST, FOUR, CloseUp, average, look_again
from core.faces.detector import Detection, Detector
from core.faces.pyramid import Pyramid

POINTS = np.array([(20.0, 20), (40, 20), (30, 30), (30, 40), (10, 20), (50, 20)])
BOX = np.array([5.0, 5, 50, 50])
INSIDE = Pyramid(np.zeros((100, 100, 3), np.uint8))


class Told:
    """A detector that says what it is told to, and notes what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def detect(self, pyramid, matrix, border):
        self.asked.append((matrix, border))
        return self.answers.pop(0)


def detection(score, box=BOX, shift=0.0):
    return Detection(score, POINTS + shift, np.asarray(box, float))


def test_it_finds_a_candidate_again_where_it_is(detector):
    candidate = Detection(0.5, np.array([(200.0, 105), (250, 105)]), np.array([170.0, 60, 110, 110]))
    found = list(look_again(Detector(), Pyramid(astronaut()), candidate, FOUR))
    assert all(found)
    eyes = np.array([each.points[:2] for each in found])
    assert eyes.std(axis=0).max() < 5
    np.testing.assert_allclose(average(found).points[:2], [(206, 103), (244, 106)], atol=8)


def test_of_several_the_surest_in_its_place_counts():
    elsewhere, faint, sure = detection(0.9, [70, 70, 20, 20]), detection(0.3), detection(0.6)
    assert list(look_again(Told([elsewhere, faint, sure]), INSIDE, detection(0.5), [FIRST])) == [sure]
    assert list(look_again(Told([elsewhere]), INSIDE, detection(0.5), [FIRST])) == [None]


def test_inside_the_picture_there_is_one_border_to_try():
    told = Told([detection(0.5)], [])
    list(look_again(told, INSIDE, detection(0.5), FOUR[:2]))
    assert [border for _, border in told.asked] == [cv2.BORDER_CONSTANT] * 2


@pytest.mark.parametrize("better", [cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT])
def test_at_the_edge_the_border_that_shows_more_stays(better):
    cut_off = detection(0.5, [-10, 5, 50, 50])
    borders = (cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT)
    first = [[detection(0.9 if border == better else 0.4, cut_off.box)] for border in borders]
    told = Told(*first, [])
    (found, nothing) = look_again(told, INSIDE, cut_off, FOUR[:2])
    assert (found.score, nothing) == (0.9, None)
    assert [border for _, border in told.asked] == [*borders, better]


def test_a_window_keeps_to_the_candidates_roll():
    told = Told([], [])
    list(look_again(told, INSIDE, detection(0.5), [CloseUp(2.0), CloseUp(2.0, turn=90)]))
    (level, _), (turned, _) = told.asked
    assert level[0, 1] == pytest.approx(0)
    assert turned[0, 0] == pytest.approx(0)


def test_the_average_counts_what_found_nothing():
    mean = average([detection(0.8), None, detection(0.4, shift=10.0), detection(0.6, shift=2.0)])
    assert mean.score == pytest.approx(0.45)
    np.testing.assert_allclose(mean.points, POINTS + 2)
