from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from skimage.data import astronaut

from core.faces import alignment, landmarker
from core.faces.finder import FaceFinder
from core.faces.geometry import similarity
from core.faces.head_pose import head_pose
from core.faces.landmarker import MeshFinder, Region, movements_of_crop, points_of_crop
from core.faces.pyramid import Pyramid
from core.features import FEATURES
from core.runtime.mediapipe_guard import load_vision

EYES_AND_MOUTH = np.array([(203.0, 102.1), (246.3, 103.3), (223.7, 148.9)])  # in the astronaut's picture


def crop_of(side=48, turn=0.0):
    """Her face as it is aligned, at any size, and turned by so many degrees clockwise."""
    factor = np.exp(1j * np.radians(turn))
    targets = (alignment.EYES_AND_MOUTH - 0.5) @ (1, 1j) * factor
    targets = np.column_stack([targets.real, targets.imag]) + 0.5
    return Pyramid(astronaut()).cut(similarity(EYES_AND_MOUTH, targets * side), side)


@pytest.fixture(autouse=True)
def _nothing_kept():
    landmarker._points_of_crop.cache_clear()


@pytest.fixture
def looks(monkeypatch):
    """The regions looked at, in order."""
    look, regions = landmarker.look, []
    monkeypatch.setattr(landmarker, "look", lambda *args: regions.append(args[2]) or look(*args))
    return regions


@pytest.mark.parametrize("side", [48, 64, 96])
def test_the_points_lie_on_the_crop_whatever_its_size(movements, side):
    found = points_of_crop(crop_of(side))
    assert found.shape == (478, 3)
    assert found.dtype == np.float32
    expected = points_of_crop(crop_of(192)) / 192
    assert np.abs(found[:, :2] / side - expected[:, :2]).mean() < 0.02
    assert np.abs(found[:, 2] / side - expected[:, 2]).mean() < 0.05


@pytest.mark.parametrize("turn", [-20, -10, 10, 20])
def test_the_points_turn_with_the_face(movements, turn):
    upright, turned = (head_pose(points_of_crop(crop_of(turn=angle))) for angle in (0, turn))
    assert turned.roll - upright.roll == pytest.approx(turn, abs=4)
    assert turned.yaw == pytest.approx(upright.yaw, abs=8)


def test_the_mesh_feature_hardly_sees_a_tilt(movements):
    compute = FEATURES["mesh"].compute
    upright = compute(crop_of())
    for turn in (-15, 15):
        assert np.abs(compute(crop_of(turn=turn)) - upright)[:, :2].mean() < 0.06


def test_a_smile_is_among_the_movements(movements):
    seen = movements_of_crop(crop_of())
    assert seen.shape == (52,)
    assert 0 <= seen.min() <= seen.max() <= 1
    assert seen[44:46].mean() > 0.3  # mouthSmileLeft and mouthSmileRight


def test_several_features_of_one_face_run_the_network_once(movements, looks):
    for name in ("mesh", "distances", "landmarks", "blendshapes"):
        assert FEATURES[name].compute(crop_of()) is not None
    assert len(looks) == 1


@pytest.mark.parametrize(("side", "turn"), [(105, 0), (75, 35)])
def test_a_face_that_does_not_lie_where_it_was_expected_is_looked_for(movements, looks, monkeypatch, side, turn):
    expected = points_of_crop(crop_of())
    monkeypatch.setattr(Region, "of_crop", lambda crop: Region((24, 26), side, turn))
    landmarker._points_of_crop.cache_clear()
    looks.clear()
    assert np.abs(points_of_crop(crop_of()) - expected)[:, :2].mean() < 0.8
    assert len(looks) > 1


def test_no_face_is_no_mesh_after_all_looks(movements, looks):
    assert points_of_crop(np.full((48, 48, 3), 90, np.uint8)) is None
    assert len(looks) > 4


def test_threads_see_what_one_thread_sees(movements):
    crops = [crop_of(turn=turn) for turn in range(-10, 11, 4)]
    alone = [points_of_crop(crop) for crop in crops]
    landmarker._points_of_crop.cache_clear()
    with ThreadPoolExecutor(3) as threads:
        np.testing.assert_array_equal(list(threads.map(points_of_crop, crops)), alone)


@pytest.fixture(scope="module")
def faces(detector):
    return FaceFinder().find(Pyramid(astronaut()), "quick")


def check_mesh(face):
    x, y, w, h = face.box
    assert x < face.mesh[:, 0].mean() < x + w
    assert y < face.mesh[:, 1].mean() < y + h
    pose = face.quality.pose
    assert abs(pose.yaw) < 20
    assert abs(pose.pitch) < 20
    assert pose.roll == pytest.approx(face.quality.roll, abs=6)


def test_a_face_gets_its_points_movements_and_pose(movements, faces):
    (face,) = MeshFinder().add_to(faces, Pyramid(astronaut()))
    assert face.mesh.shape == (478, 3)
    assert len(face.blendshapes) == 52
    assert face.blendshapes["mouthSmileLeft"] > 0.4
    check_mesh(face)


def test_with_the_smaller_network_alone_a_face_has_points_and_pose(mesh, faces):
    (face,) = MeshFinder().add_to(faces, Pyramid(astronaut()))
    assert face.mesh.shape == (468, 3)
    assert face.blendshapes is None
    check_mesh(face)


def test_a_picture_without_a_face_leaves_the_faces_as_they_are(mesh, faces):
    finder = MeshFinder()
    assert finder.add_to(faces, Pyramid(np.zeros((480, 640, 3), np.uint8))) == faces
    assert finder.add_to([], Pyramid(astronaut())) == []


def test_of_many_faces_the_largest_get_a_mesh(mesh, faces):
    (face,) = faces
    small = replace(face, box=(*face.box[:2], face.box[2] * 0.9, face.box[3] * 0.9))
    found = MeshFinder().add_to([small, small, face, face, face, face], Pyramid(astronaut()))
    assert [each.mesh is not None for each in found] == [False, False, True, True, True, True]


def test_it_is_what_mediapipes_facelandmarker_finds(movements, faces):
    """Points within 1.5% of the face's width, movements within 0.05, and the head turned alike within 6 degrees."""
    vision = load_vision()
    options = vision.FaceLandmarkerOptions(
        vision.BaseOptions(model_asset_path=str(movements)),
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    picture = astronaut()
    with vision.FaceLandmarker.create_from_options(options) as reference:
        result = reference.detect(vision.Image(image_format=vision.ImageFormat.SRGB, data=picture.copy()))
    size = (picture.shape[1], picture.shape[0], picture.shape[1])
    expected = np.array([(point.x, point.y, point.z) for point in result.face_landmarks[0]]) * size
    (face,) = MeshFinder().add_to(faces, Pyramid(picture))
    distances = np.linalg.norm(face.mesh - expected, axis=1)
    assert np.median(distances[:468]) < 0.015 * np.ptp(expected[:, 0])
    shapes = {shape.category_name: shape.score for shape in result.face_blendshapes[0]}
    assert face.blendshapes.keys() == shapes.keys()
    assert np.median([abs(face.blendshapes[name] - score) for name, score in shapes.items()]) < 0.01
    assert max(abs(face.blendshapes[name] - score) for name, score in shapes.items()) < 0.15
    turn = result.facial_transformation_matrixes[0][:3, :3]
    ahead = turn @ (0, 0, 1) / np.linalg.norm(turn @ (0, 0, 1))  # there x is to the right, y up, z to the viewer
    assert face.quality.pose.yaw == pytest.approx(np.degrees(np.arcsin(ahead[0])), abs=6)
