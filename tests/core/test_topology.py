import numpy as np

from core.topology import POINTS, tesselation


def test_the_mesh_is_one_piece_of_triangles():
    edges = tesselation()
    assert edges.dtype == np.int64
    assert (edges[:, 0] < edges[:, 1]).all()
    assert len(np.unique(edges, axis=0)) == len(edges)
    assert edges.min() == 0
    assert edges.max() == POINTS - 1
    reached = {0}
    while more := {b for a, b in np.vstack([edges, edges[:, ::-1]]).tolist() if a in reached} - reached:
        reached |= more
    assert len(reached) == POINTS


def test_eyes_and_lips_have_the_neighbours_that_they_should():
    edges = set(map(tuple, tesselation().tolist()))
    assert (7, 33) in edges  # along the lower lid
    assert (13, 14) not in edges  # the mouth is open
