from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.faces import landmarker
from core.faces.finder import FaceFinder
from core.faces.landmarker import ATTEMPTS, MeshFinder, mesh_of
from core.faces.pyramid import Pyramid
from core.features import FEATURES

FACE = astronaut()[60:250, 135:305]  # upright, from brow to chin, hair around it


def crop_of(side=48, turn=0.0):
    height, width = FACE.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1)
    turned = cv2.warpAffine(FACE, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return cv2.resize(turned, (side, side), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("side", [48, 64, 96])
def test_the_points_lie_on_the_crop_whatever_its_size(mesh, side):
    found = mesh_of(crop_of(side))
    assert found.points.shape == (478, 3)
    assert found.points.dtype == found.blendshapes.dtype == np.float32
    expected = mesh_of(crop_of(192)).points / 192
    assert np.abs(found.points[:, :2] / side - expected[:, :2]).mean() < 0.02
    assert np.abs(found.points[:, 2] / side - expected[:, 2]).mean() < 0.05


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_every_attempt_brings_its_points_back_into_the_crop(mesh, attempt, monkeypatch):
    expected = mesh_of(crop_of()).points
    monkeypatch.setattr(landmarker, "ATTEMPTS", (attempt,))
    landmarker._mesh_of.cache_clear()
    found = mesh_of(crop_of())
    landmarker._mesh_of.cache_clear()
    assert np.abs(found.points[:468, :2] - expected[:468, :2]).mean() < 0.6


def test_the_mesh_feature_hardly_sees_a_tilt(mesh):
    compute = FEATURES["mesh"].compute
    upright = compute(crop_of())
    for turn in (-15, 15):
        assert np.abs(compute(crop_of(turn=turn)) - upright)[:, :2].mean() < 0.06


def test_a_smile_is_among_the_movements(mesh):
    movements = mesh_of(crop_of()).blendshapes
    assert movements.shape == (52,)
    assert movements.max() <= 1
    assert movements[44:46].mean() > 0.3  # mouthSmileLeft and mouthSmileRight


def test_several_features_of_one_face_run_the_network_once(mesh, monkeypatch):
    made, attempts = landmarker._made, []
    monkeypatch.setattr(landmarker, "_made", lambda *args: attempts.append(args) or made(*args))
    landmarker._mesh_of.cache_clear()
    for name in ("mesh", "blendshapes"):
        assert FEATURES[name].compute(crop_of()) is not None
    assert len(attempts) == 1


def test_threads_see_what_one_thread_sees(mesh):
    crops = [crop_of(turn=turn) for turn in range(-10, 11, 4)]
    alone = [mesh_of(crop).points for crop in crops]
    landmarker._mesh_of.cache_clear()
    with ThreadPoolExecutor(3) as threads:
        together = [found.points for found in threads.map(mesh_of, crops)]
    np.testing.assert_array_equal(together, alone)


@pytest.fixture(scope="module")
def faces(detector):
    return FaceFinder().find(Pyramid(astronaut()), "quick")


def test_a_face_gets_its_points_and_movements(mesh, faces):
    with MeshFinder() as finder:
        (face,) = finder.add_to(faces, astronaut(), 0.0)
    assert face.mesh.shape == (478, 3)
    x, y, w, h = face.box
    assert x < face.mesh[:, 0].mean() < x + w
    assert y < face.mesh[:, 1].mean() < y + h
    assert len(face.blendshapes) == 52
    assert face.blendshapes["mouthSmileLeft"] > 0.4


def test_time_that_stands_still_or_goes_back_is_no_error(mesh, faces):
    with MeshFinder() as finder:
        for time_s in (1.0, 1.0, 0.2, 5.0):
            (face,) = finder.add_to(faces, astronaut(), time_s)
            assert face.mesh is not None


def test_a_picture_without_a_face_leaves_the_faces_as_they_are(mesh, faces):
    with MeshFinder() as finder:
        assert finder.add_to(faces, np.zeros((480, 640, 3), np.uint8), 0.0) == faces
        assert finder.add_to([], astronaut(), 0.1) == []
