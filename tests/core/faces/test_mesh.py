import numpy as np
import pytest
from skimage.data import astronaut

from core.faces.finder import FaceFinder
from core.faces.landmarker import MeshFinder
from core.faces.pyramid import Pyramid


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
