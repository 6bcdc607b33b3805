import re
import zipfile

import numpy as np
import pytest

from core.faces.mesh_topology import MESH_POINTS, MOVEMENT_NAMES, mirrored_movements, mirrored_points, tesselation
from core.runtime.mediapipe_guard import load_vision


def test_the_mesh_is_one_piece_of_triangles():
    edges = tesselation()
    assert edges.dtype == np.int64
    assert (edges[:, 0] < edges[:, 1]).all()
    assert len(np.unique(edges, axis=0)) == len(edges)
    assert edges.min() == 0
    assert edges.max() == MESH_POINTS - 1
    reached = {0}
    while more := {b for a, b in np.vstack([edges, edges[:, ::-1]]).tolist() if a in reached} - reached:
        reached |= more
    assert len(reached) == MESH_POINTS


def test_the_stored_edges_are_those_that_mediapipe_tells():
    load_vision()  # first and guarded: the import below would otherwise bring all that MediaPipe drags in
    from mediapipe.tasks.python.vision.face_landmarker import FaceLandmarksConnections

    sides = [(side.start, side.end) for side in FaceLandmarksConnections.FACE_LANDMARKS_TESSELATION]
    np.testing.assert_array_equal(tesselation(), np.unique(np.sort(sides, axis=1), axis=0))


def test_the_mirror_image_of_the_mirror_image_is_the_face():
    np.testing.assert_array_equal(mirrored_points()[mirrored_points()], np.arange(MESH_POINTS))


@pytest.mark.parametrize(
    ("point", "counterpart"), [(33, 263), (133, 362), (61, 291), (234, 454), (1, 1), (13, 13), (152, 152)]
)
def test_corners_of_eyes_and_mouth_and_the_middle_mirror_each_other(point, counterpart):
    assert mirrored_points()[point] == counterpart


def test_neighbours_stay_neighbours_in_the_mirror():
    edges = tesselation()
    turned = np.sort(mirrored_points()[edges], axis=1)
    same = set(map(tuple, edges.tolist())) & set(map(tuple, turned.tolist()))
    assert len(same) >= 0.99 * len(edges)  # a few squares are cut along the other diagonal


def test_the_canonical_face_is_its_own_mirror_image(movements):
    with zipfile.ZipFile(movements) as bundle:
        geometry = bundle.read("geometry_pipeline_metadata_landmarks.binarypb")
    floats = re.search(
        rb"(?:\x1d.{4}){%d}" % (5 * MESH_POINTS), geometry, re.DOTALL
    ).group()  # x, y, z, u, v of each point
    points = np.frombuffer(floats, np.dtype("S1, <f4"))["f1"].reshape(MESH_POINTS, 5)[:, :3]
    np.testing.assert_array_equal(points[mirrored_points()], points * [-1, 1, 1])


def test_the_names_of_the_movements_are_those_of_mediapipe_in_its_order():
    load_vision()
    from mediapipe.tasks.python.vision.face_landmarker import Blendshapes

    ours = [name.lower().lstrip("_") for name in MOVEMENT_NAMES]
    assert ours == [shape.name.replace("_", "").lower() for shape in sorted(Blendshapes)]


def test_left_movements_become_right_ones_and_come_back():
    order = mirrored_movements()
    assert MOVEMENT_NAMES[order[MOVEMENT_NAMES.index("mouthSmileLeft")]] == "mouthSmileRight"
    assert MOVEMENT_NAMES[order[MOVEMENT_NAMES.index("jawOpen")]] == "jawOpen"
    np.testing.assert_array_equal(order[order], np.arange(52))
