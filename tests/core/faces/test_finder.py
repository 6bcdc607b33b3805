from types import SimpleNamespace
from typing import get_args

import cv2
import numpy as np
import pytest
from skimage.data import astronaut, coffee, rocket

from core.faces import face_check
from core.faces import finder as module
from core.faces.detector import Detection
from core.faces.finder import FaceFinder, Search
from core.faces.geometry import intersection_over_union
from core.faces.pyramid import Pyramid
from core.images import read_image


@pytest.fixture(scope="module")
def finder(detector):
    return FaceFinder()


SEARCHES = [search for search in get_args(Search) if search != "crop"]


@pytest.mark.parametrize("search", SEARCHES)
def test_the_astronaut_is_found_once_and_in_her_place(finder, search):
    (face,) = finder.find(Pyramid(astronaut()), search)
    x, y, w, h = face.box
    assert x < 224 < x + w
    assert y < 115 < y + h
    assert face.eyes[0][0] < face.mouth[0] < face.eyes[1][0]
    assert face.quality.hints == ()


@pytest.mark.parametrize("search", SEARCHES)
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
    ("score", "likely", "side", "is_found"),
    [
        (0.9, 0.0, 40, True),
        (0.5, 0.99, 40, True),
        (0.5, 0.8, 40, False),
        (0.2, 0.99, 40, False),
        (0.5, 0.8, 400, True),
        (0.5, 0.05, 400, False),
        (0.5, 0.8, 600, False),
    ],
    ids=[
        "sure",
        "doubtful, but believed",
        "doubtful, not believed",
        "hardly anything",
        "it fills the picture",
        "it fills the picture, and is none",
        "larger than the picture",
    ],
)
def test_where_the_close_ups_leave_doubt_the_evidence_decides(finder, monkeypatch, score, likely, side, is_found):
    points = np.array([(20, 20), (40, 20), (30, 30), (30, 40), (10, 20), (50, 20)])
    corner = 256 - side / 2
    candidate = Detection(score, points, np.array([corner, corner, side, side]))
    monkeypatch.setattr(finder, "_near", SimpleNamespace(detect=lambda *_: [candidate]))
    monkeypatch.setattr(finder, "candidates", lambda _: [candidate])
    monkeypatch.setattr(finder, "_check", SimpleNamespace(probability=lambda *_: likely))
    monkeypatch.setattr(finder, "_other_candidates", lambda _: [])
    found = finder.find(Pyramid(astronaut()))
    assert [face.score for face in found] == ([pytest.approx(score)] if is_found else [])


def test_the_quick_search_asks_for_no_evidence(finder, monkeypatch):
    monkeypatch.setattr(finder, "_check", SimpleNamespace(probability=lambda *_: pytest.fail("asked")))
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


def test_a_part_of_a_face_is_no_second_face():
    def detection(score, *box):
        return Detection(score, np.zeros((6, 2)), np.array(box, float))

    face = detection(0.8, 0, 0, 100, 100)
    assert module._is_part_of(detection(0.5, 10, 20, 50, 50), face)
    assert not module._is_part_of(detection(0.9, 10, 20, 50, 50), face)  # surer: the larger one may be no face
    assert not module._is_part_of(detection(0.5, 110, 20, 50, 50), face)
    assert not module._is_part_of(face, face)


@pytest.mark.parametrize("turn", [90, 180, 270, 135])
def test_a_picture_that_lies_on_its_side_or_stands_on_its_head_has_faces_too(finder, turn):
    turned = cv2.warpAffine(astronaut(), cv2.getRotationMatrix2D((224, 115), turn, 0.8), (448, 400))
    assert len(finder.find(Pyramid(turned))) == 1


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("margin", [0, 15])
def test_a_face_that_fills_the_picture_is_found(finder, search, margin):
    close = np.ascontiguousarray(astronaut()[60 - margin : 175 + margin, 165 - margin : 280 + margin])
    (face,) = finder.find(Pyramid(close), search)
    assert face.box[2] > 60


def test_a_picture_that_is_one_face_already_needs_no_search(finder, monkeypatch):
    monkeypatch.setattr(finder, "_near", SimpleNamespace(detect=lambda *_: pytest.fail("searched")))
    picture = np.random.default_rng(0).integers(0, 255, (48, 48, 3), dtype=np.uint8)
    (face,) = finder.find(Pyramid(picture), "crop")
    np.testing.assert_allclose(face.crop.astype(int), picture, atol=3)
    assert not any("cut off" in hint for hint in face.quality.hints)


@pytest.mark.parametrize(("width", "height"), [(100, 150), (150, 100), (1, 1)])
def test_a_face_that_is_not_square_keeps_its_proportions(finder, width, height):
    picture = np.zeros((height, width, 3), np.uint8)
    cv2.circle(picture, (width // 2, height // 2), 20, (255, 255, 255), -1)
    (face,) = finder.find(Pyramid(picture), "crop")
    lit = face.crop[..., 0] > 127
    assert abs(int(lit.any(axis=0).sum()) - int(lit.any(axis=1).sum())) <= 1


def test_a_film_that_differs_in_single_grey_levels_gives_the_same_faces(finder):
    """Each look begins where the last one ended, so that what differs must not add up."""
    rng = np.random.default_rng(0)
    pictures = [np.roll(astronaut(), (step, 2 * step), axis=(0, 1)) for step in range(12)]
    noisy = [(picture + (rng.random(picture.shape) < 0.005)).astype(np.uint8) for picture in pictures]
    ends = []
    for film in (pictures, noisy):
        faces = finder.find(Pyramid(film[0]), "quick")
        for picture in film[1:]:
            faces = finder.follow(Pyramid(picture), faces, [])
        ends.append(np.array(faces[0].box))
    np.testing.assert_allclose(*ends, atol=0.3)


def test_a_machine_that_lacks_the_other_networks_finds_faces_with_the_detector_alone(detector, monkeypatch):
    monkeypatch.setattr(module, "_far_detector", lambda: None)
    monkeypatch.setattr(face_check, "_mesh", lambda: None)
    alone = FaceFinder()
    assert len(alone.find(Pyramid(astronaut()))) == 1
    assert alone.find(Pyramid(cv2.resize(coffee(), (300, 200)))) == []
