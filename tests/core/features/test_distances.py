import numpy as np
import pytest

from core.faces.mesh_topology import LANDMARK_POINTS, MOVEMENT_NAMES
from core.features import FEATURES
from core.features.mesh import NOSE_TIP

DISTANCES = FEATURES["distances"]


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(24, 8, (LANDMARK_POINTS, 3))


def seen(points):
    return DISTANCES.combine(np.concatenate([points.ravel(), np.zeros(len(MOVEMENT_NAMES))]).astype(np.float32))


def test_they_are_measured_in_distances_between_the_eyes(points):
    points[[33, 133]], points[[362, 263]] = [10, 20, 0], [30, 20, 0]
    points[NOSE_TIP], points[152] = [20, 30, 5], [20, 70, 5]
    distances = seen(points)
    assert distances.dtype == np.float32
    assert distances.shape == DISTANCES.shape == (468,)
    assert distances[NOSE_TIP] == 0
    assert distances[152] == pytest.approx(2)


def test_where_a_face_is_and_how_large_and_how_tilted_does_not_matter(points):
    turn = np.array([[0.6, -0.8, 0], [0.8, 0.6, 0], [0, 0, 1]])
    np.testing.assert_allclose(seen(points @ turn * 3 + [5, -2, 1]), seen(points), rtol=1e-4, atol=1e-4)


def test_a_face_of_one_point_gives_numbers_and_no_face_gives_nothing():
    assert (seen(np.full((LANDMARK_POINTS, 3), 7.0)) == 0).all()
    assert DISTANCES.combine(None) is None
