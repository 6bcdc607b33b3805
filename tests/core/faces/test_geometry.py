import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.faces import geometry

numbers = st.floats(-1000, 1000)


@given(numbers, numbers, st.floats(0.1, 10), st.floats(-180, 180))
def test_similarity_recovers_the_map_it_was_made_with(dx, dy, scale, degrees):
    angle = np.radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = np.array([(0.0, 0.0), (3.0, 1.0), (-2.0, 5.0)])
    targets = points @ turn.T + (dx, dy)
    matrix = geometry.similarity(points, targets)
    np.testing.assert_allclose(geometry.apply(matrix, points), targets, atol=1e-6)
    assert geometry.scale_of(matrix) == pytest.approx(scale)


@given(numbers, numbers, st.floats(1, 500), st.floats(-180, 180))
def test_window_maps_its_centre_to_the_patch_centre_and_back(x, y, side, turn):
    matrix = geometry.window((x, y), side, 128, turn=turn)
    np.testing.assert_allclose(geometry.apply(matrix, np.array([(x, y)])), [(64, 64)], atol=1e-6)
    there_and_back = geometry.apply(geometry.inverse(matrix), geometry.apply(matrix, np.array([(1.0, 2.0)])))
    np.testing.assert_allclose(there_and_back, [(1, 2)], atol=1e-5)


def test_a_turned_window_sets_upright_what_is_turned():
    # Eyes that fall 30 degrees to the right, seen through a window turned by as much, lie level.
    eyes = np.array([(0.0, 0.0), (np.cos(np.radians(30)), np.sin(np.radians(30)))])
    seen = geometry.apply(geometry.window((0, 0), 10, 100, turn=30), eyes)
    assert seen[0, 1] == pytest.approx(seen[1, 1])
    assert seen[0, 0] < seen[1, 0]


def test_mirrored_turns_left_into_right():
    matrix = geometry.window((50, 50), 100, 100)
    np.testing.assert_allclose(geometry.apply(geometry.mirrored(matrix, 100), np.array([(10.0, 20.0)])), [(90, 20)])


def test_points_that_coincide_give_no_infinity():
    assert np.isfinite(geometry.similarity(np.zeros((3, 2)), np.ones((3, 2)))).all()


box_sides = st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 60), st.integers(1, 60))


@given(box_sides, box_sides)
def test_two_boxes_overlap_as_their_pixels_do(first, second):
    pixels = [{(x, y) for x in range(a, a + w) for y in range(b, b + h)} for a, b, w, h in (first, second)]
    expected = len(pixels[0] & pixels[1]) / len(pixels[0] | pixels[1])
    assert geometry.intersection_over_union(np.array([first]), np.array(second)) == pytest.approx([expected])
