import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.faces.detector import FULL_RANGE, SIZE, Detector
from core.faces.geometry import mirrored, window
from core.faces.pyramid import Pyramid
from core.runtime.mediapipe_guard import load_vision


@pytest.mark.parametrize("side", [160, 250, 400, 512])
@pytest.mark.parametrize("turn", [-20, 0, 15])
def test_it_sees_what_mediapipes_own_detector_sees(detector, side, turn):
    pyramid = Pyramid(astronaut())
    matrix = window((224, 130), side, SIZE, turn=turn)
    vision = load_vision()
    options = vision.FaceDetectorOptions(
        base_options=vision.BaseOptions(model_asset_path=str(detector)), min_detection_confidence=0.4
    )
    with vision.FaceDetector.create_from_options(options) as reference:
        patch = pyramid.cut(matrix, SIZE, cv2.BORDER_CONSTANT)
        expected = reference.detect(vision.Image(image_format=vision.ImageFormat.SRGB, data=patch)).detections
    found = [each for each in Detector().detect(pyramid, matrix) if each.score >= 0.4]
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.score == pytest.approx(theirs.categories[0].score, abs=0.02)
        points = np.array([(point.x, point.y) for point in theirs.keypoints]) * SIZE
        seen = ours.points @ matrix[:, :2].T + matrix[:, 2]
        np.testing.assert_allclose(seen, points, atol=1.0)
        box = theirs.bounding_box
        assert ours.box[2] * SIZE / side == pytest.approx(box.width, abs=1.5)


def test_in_a_mirror_the_left_eye_is_still_the_one_on_the_left(detector):
    pyramid, matrix = Pyramid(astronaut()), window((224, 130), 250, SIZE)
    plain, mirror = (Detector().detect(pyramid, one)[0] for one in (matrix, mirrored(matrix, SIZE)))
    np.testing.assert_allclose(plain.points, mirror.points, atol=6)
    np.testing.assert_allclose(plain.box, mirror.box, atol=8)


def test_nothing_is_found_where_nothing_is(detector):
    assert Detector().detect(Pyramid(np.zeros((64, 64, 3), np.uint8)), window((32, 32), 64, SIZE)) == []


def test_the_full_range_network_sees_a_face_across_the_room(far_detector):
    pyramid = Pyramid(astronaut())
    matrix = window((256, 256), 1000, FULL_RANGE.size)
    first, *others = Detector(FULL_RANGE).detect(pyramid, matrix)
    assert all(first.score > 2 * other.score for other in others)
    np.testing.assert_allclose(first.points[:2], [(206, 103), (244, 106)], atol=8)
    assert np.hypot(*(first.box[:2] + first.box[2:] / 2 - (224, 115))) < 20
