from types import SimpleNamespace
from typing import get_args

import cv2
import numpy as np
import pytest
from skimage.data import astronaut, coffee, rocket

from core.faces import finder as module
from core.faces.detector import Detection
from core.faces.finder import FaceFinder, Search
from core.faces.geometry import intersection_over_union
from core.faces.pyramid import Pyramid
from core.images import read_image


@pytest.fixture(scope="module")
def finder(detector):
    return FaceFinder()


@pytest.mark.parametrize("search", get_args(Search))
def test_the_astronaut_is_found_once_and_in_her_place(finder, search):
    (face,) = finder.find(Pyramid(astronaut()), search)
    x, y, w, h = face.box
    assert x < 224 < x + w
    assert y < 115 < y + h
    assert face.eyes[0][0] < face.mouth[0] < face.eyes[1][0]
    assert face.quality.hints == ()


@pytest.mark.parametrize("search", get_args(Search))
@pytest.mark.parametrize(
    "picture",
    [np.zeros((1, 1, 3), np.uint8), np.full((480, 640, 3), 128, np.uint8), np.zeros((3, 500, 3), np.uint8), rocket()],
    ids=["one pixel", "grey", "sliver", "rocket"],
)
def test_no_face_is_no_error(finder, search, picture):
    assert finder.find(Pyramid(picture), search) == []


@pytest.mark.parametrize("factor", [0.3, 2])
def test_size_changes_neither_the_number_nor_the_place(finder, factor):
    picture = cv2.resize(astronaut(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    (face,), (reference,) = finder.find(Pyramid(picture)), finder.find(Pyramid(astronaut()))
    np.testing.assert_allclose(np.array(face.eyes) / factor, reference.eyes, atol=4)


def test_small_faces_among_other_things_are_found(finder):
    scene = cv2.resize(coffee(), (640, 480))
    person = cv2.resize(astronaut()[:300, 60:400], (102, 90), interpolation=cv2.INTER_AREA)
    places = [(20, 30), (500, 40), (300, 330)]
    for x, y in places:
        scene[y : y + 90, x : x + 102] = person
    faces = finder.find(Pyramid(scene))
    assert len(faces) == len(places)
    assert [round(face.box[0]) // 200 for face in faces] == [0, 1, 2]


def test_of_a_crowd_the_surest_are_read(finder, monkeypatch):
    portrait = cv2.resize(astronaut()[20:200, 140:300], (40, 45), interpolation=cv2.INTER_AREA)
    crowd = Pyramid(np.tile(portrait, (4, 4, 1)))
    scores = sorted((face.score for face in finder.find(crowd)), reverse=True)
    assert len(scores) > 10
    monkeypatch.setattr(module, "MOST_FACES", 5)
    assert 1 <= len(finder.find(crowd)) <= 5


@pytest.mark.parametrize(
    ("score", "likelihood", "is_found"),
    [(0.5, 0.0, True), (0.3, 0.95, True), (0.3, 0.5, False), (0.2, 1.0, False)],
    ids=["sure", "doubtful, looks like one", "doubtful, does not", "hardly anything"],
)
def test_where_the_close_ups_leave_doubt_the_crop_decides(finder, monkeypatch, score, likelihood, is_found):
    points = np.array([(20, 20), (40, 20), (30, 30), (30, 40), (10, 20), (50, 20)])
    candidate = Detection(score, points, np.full(4, 40.0))
    monkeypatch.setattr(finder, "_detector", SimpleNamespace(detect=lambda *_: [candidate]))
    monkeypatch.setattr(module, "face_likelihood", lambda crop: likelihood)
    bars = {"bar": module.THOROUGH_BAR, "doubtful_bar": module.DOUBTFUL_BAR}
    found = finder._confirm(Pyramid(astronaut()), candidate, module._CLOSE_UPS, **bars, wobble=module.WOBBLE)
    assert (found is not None) == is_found
    assert found is None or found.score == pytest.approx(score)


def test_the_quick_search_does_not_ask_the_crop(finder, monkeypatch):
    monkeypatch.setattr(module, "face_likelihood", lambda crop: pytest.fail("asked"))
    assert len(finder.find(Pyramid(astronaut()), "quick")) == 1


def test_hardly_any_number_of_detections_is_too_many():
    """A picture full of tiny faces gives tens of thousands, and comparing each with each took hours."""
    corners = np.random.default_rng(0).uniform(0, 7000, (50_000, 2))
    detections = [
        Detection(score, np.zeros((6, 2)), np.array([*corner, 24, 24]))
        for score, corner in zip(np.linspace(0, 1, 50_000), corners, strict=True)
    ]
    kept = module._distinct(detections)
    assert len(kept) == module.MOST_FACES
    assert kept[0] is detections[-1]
    boxes = np.array([each.box for each in kept])
    assert all((intersection_over_union(boxes, box) >= 0.3).sum() == 1 for box in boxes)


def test_a_face_cut_in_half_by_the_edge_is_found_and_said_to_be(finder):
    (face,) = finder.find(Pyramid(np.ascontiguousarray(astronaut()[:, 225:])))
    assert face.quality.inside < 0.8
    assert any("cut off" in hint for hint in face.quality.hints)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda picture: (picture * 0.15).astype(np.uint8), "dark"),
        (lambda picture: cv2.GaussianBlur(picture, (0, 0), 3), "blurred"),
        (lambda picture: cv2.resize(picture, None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA), "small"),
    ],
)
def test_a_face_that_is_hard_to_see_gives_a_hint(finder, change, hint):
    faces = finder.find(Pyramid(change(astronaut())))
    assert [face for face in faces if any(hint in text for text in face.quality.hints)]


def test_roll_is_measured_clockwise(finder):
    turned = cv2.warpAffine(astronaut(), cv2.getRotationMatrix2D((224, 115), -20, 1), (512, 512))
    (face,) = finder.find(Pyramid(turned))
    assert face.quality.roll == pytest.approx(20, abs=6)


@pytest.mark.parametrize(
    ("photo", "least", "most"),
    [
        ("facerec_two_people.jpg", 2, 2),
        ("deepface_selfie-many-people.jpg", 7, 7),
        ("facerec_knn_examples_test_obama_and_biden.jpg", 2, 4),
        ("sv_1.jpg", 0, 0),
        ("fer_no-faces.jpg", 0, 0),
    ],
)
def test_real_photographs(finder, mien_data, photo, least, most):
    faces = finder.find(Pyramid(read_image(mien_data / "photos" / photo)))
    assert least <= len(faces) <= most
