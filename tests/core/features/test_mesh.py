import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.faces.mesh_topology import MESH_POINTS
from core.features import FEATURES
from core.features.mesh import EYE_CORNERS, NOSE_TIP, normalise


@pytest.fixture(scope="module")
def face_like():
    """478 points, spread like a face's, with the eyes where MediaPipe's numbers put them."""
    points = np.random.default_rng(0).normal((24, 24, 0), 20, (478, 3))
    for corners, x in zip(EYE_CORNERS, (15, 33), strict=True):
        points[list(corners)] = [(x - 2, 20, 1), (x + 2, 20, 1)]
    return points


def turned(points, degrees):
    factor = np.exp(1j * np.radians(degrees))
    plane = (points[:, 0] + 1j * points[:, 1]) * factor
    return np.column_stack([plane.real, plane.imag, points[:, 2]])


@settings(deadline=None)  # the first call may be slow on a busy machine
@given(
    shift=arrays(float, 3, elements=st.floats(-500, 500)),
    scale=st.floats(0.05, 50),
    roll=st.floats(-180, 180),
)
def test_a_face_moved_scaled_and_tilted_is_the_same_face(face_like, shift, scale, roll):
    moved = turned(face_like, roll) * scale + shift
    np.testing.assert_allclose(normalise(moved), normalise(face_like), atol=1e-4)


@settings(deadline=None)
@given(roll=st.floats(-90, 90))
def test_the_eyes_lie_level_and_the_left_one_left(face_like, roll):
    normal = normalise(turned(face_like, roll))
    left, right = (normal[list(corners)].mean(axis=0) for corners in EYE_CORNERS)
    assert left[1] == pytest.approx(right[1], abs=1e-4)
    assert left[0] < right[0]


def test_the_frame_is_centred_and_of_unit_size(face_like):
    normal = normalise(face_like)
    assert normal.shape == (468, 3)
    assert normal.dtype == np.float32
    np.testing.assert_allclose(normal.mean(axis=0), 0, atol=1e-5)
    assert np.sqrt((normal[:, :2] ** 2).sum(axis=1).mean()) == pytest.approx(1, abs=1e-5)


def test_an_expression_is_kept(face_like):
    raised = face_like.copy()
    raised[13, 1] += 8
    assert np.abs(normalise(raised) - normalise(face_like))[13, 1] > 0.1


def test_points_that_are_all_the_same_are_no_error():
    assert not normalise(np.full((478, 3), 7.0)).any()


@pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
def test_every_feature_says_what_it_gives(feature, request):
    if feature.assets:
        request.getfixturevalue("mesh")
        request.getfixturevalue("movements")
    probe = feature.probe()
    assert probe.shape == feature.shape
    assert probe.dtype == feature.dtype
    np.testing.assert_array_equal(probe, feature.probe())


def test_a_blank_crop_has_pixels_but_neither_mesh_nor_movements(mesh, movements):
    blank = np.zeros((48, 48, 3), np.uint8)
    seen = {name: FEATURES[name].compute(blank) is not None for name in ("pixels", "mesh", "blendshapes")}
    assert seen["pixels"]
    assert not seen["mesh"]
    assert not seen["blendshapes"]


DISTANCES = FEATURES["distances"]


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(24, 8, (MESH_POINTS, 3))


def distances_of(points):
    return DISTANCES.combine(points.ravel().astype(np.float32))


def test_distances_are_measured_in_distances_between_the_eyes(points):
    points[[33, 133]], points[[362, 263]] = [10, 20, 0], [30, 20, 0]
    points[NOSE_TIP], points[152] = [20, 30, 5], [20, 70, 5]
    distances = distances_of(points)
    assert distances.dtype == np.float32
    assert distances.shape == DISTANCES.shape == (468,)
    assert distances[NOSE_TIP] == 0
    assert distances[152] == pytest.approx(2)


def test_distances_do_not_depend_on_place_size_and_tilt(points):
    turn = np.array([[0.6, -0.8, 0], [0.8, 0.6, 0], [0, 0, 1]])
    moved = distances_of(points @ turn * 3 + [5, -2, 1])
    np.testing.assert_allclose(moved, distances_of(points), rtol=1e-4, atol=1e-4)


def test_distances_of_a_face_of_one_point_are_zero_and_of_no_face_none():
    assert (distances_of(np.full((MESH_POINTS, 3), 7.0)) == 0).all()
    assert DISTANCES.combine(None) is None
