import numpy as np
import pytest

from core.faces.mesh_topology import MESH_POINTS, tesselation
from core.recipes.layers.graphs import coarsened, detail, hops, normalised_adjacency, patches, spread

PATH = np.array([(0, 1), (2, 1), (2, 3), (3, 4)])  # 0-1-2-3-4


def test_the_adjacency_is_that_of_kipf_and_welling():
    near = np.eye(5) + np.eye(5, k=1) + np.eye(5, k=-1)
    degrees = np.diag(near.sum(axis=1) ** -0.5)
    np.testing.assert_allclose(normalised_adjacency(PATH), degrees @ near @ degrees, atol=1e-6)


def test_the_adjacency_of_the_face_neither_grows_nor_loses_what_it_is_given():
    matrix = normalised_adjacency(tesselation())
    assert matrix.shape == (MESH_POINTS, MESH_POINTS)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).max() == pytest.approx(1, abs=1e-5)


def test_a_detail_is_what_a_point_has_beyond_the_mean_of_its_neighbours():
    values = np.array([0.0, 3.0, 1.0, 1.0, 5.0])
    np.testing.assert_allclose(detail(PATH, 1) @ values, [-3, 2.5, -1, -2, 4], atol=1e-6)
    np.testing.assert_allclose(detail(PATH, 2)[0] @ values, 0 - (0 + 1) / 2, atol=1e-6)  # there and back, or two on


@pytest.mark.parametrize("steps", [4, 32])
def test_what_all_points_share_is_no_detail(steps):
    np.testing.assert_allclose(detail(tesselation(), steps).sum(axis=1), 0, atol=1e-4)


def test_hops_are_counted_along_the_edges():
    np.testing.assert_array_equal(hops(PATH), np.abs(np.arange(5)[:, None] - np.arange(5)))


def test_points_are_spread_over_the_whole_graph():
    np.testing.assert_array_equal(spread(hops(PATH), 3), [0, 2, 4])
    distance = hops(tesselation())
    assert distance[spread(distance, 52)].min(axis=0).max() <= 3


def test_patches_are_neighbours_and_cover_the_face():
    distance = hops(tesselation())
    groups = patches(distance, 52, 20)
    assert groups.shape == (52, 20)
    assert all(len(set(group)) == 20 for group in groups.tolist())
    assert distance[groups[:, :1], groups].max() <= 3
    assert len(np.unique(groups)) > 0.99 * MESH_POINTS


def test_a_coarser_graph_joins_what_was_joined():
    mean, edges = coarsened(PATH, 3)  # around 0, 2 and 4; what lies between goes to the first
    np.testing.assert_allclose(mean, [[0.5, 0.5, 0, 0, 0], [0, 0, 0.5, 0.5, 0], [0, 0, 0, 0, 1]])
    np.testing.assert_array_equal(edges, [(0, 1), (1, 2)])


def test_the_face_can_be_made_coarser_twice():
    edges = tesselation()
    for count in (117, 30):
        mean, edges = coarsened(edges, count)
        assert len(mean) == count
        np.testing.assert_allclose(mean.sum(axis=1), 1, rtol=1e-5)
        assert ((mean > 0).sum(axis=0) == 1).all()
        assert edges.max() == count - 1
