import numpy as np
import pytest

from core.images import read_image
from training.datasets import Sample
from training.datasets.cropper import Cropper, is_ready, square_around


def sample(image, **fields):
    return Sample(**{"image": image, "label": 3, "split": "training"} | fields)


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize(
    ("shape", "ready"),
    [((48, 48), True), ((64, 40), True), ((128, 120), True), ((128, 90), False), ((224, 224), False)],
)
def test_small_square_pictures_are_crops_already(shape, ready):
    assert is_ready(noise(*shape)) == ready


@pytest.mark.parametrize("mode", ["auto", "none"])
@pytest.mark.parametrize("shape", [(48, 48), (48, 48, 3)])
def test_a_ready_crop_stays_as_it_is(mode, shape):
    image = noise(*shape)
    np.testing.assert_array_equal(Cropper(mode)(sample(image)).image, image)


def test_none_takes_any_picture_and_averages_it():
    image = np.zeros((96, 480, 3), np.uint8)
    image[:, ::2] = 100
    crop = Cropper("none")(sample(image)).image
    assert crop.shape == (48, 48, 3)
    assert set(np.unique(crop)) == {50}


def test_a_photograph_gives_the_crop_that_serving_sees(detector, mien_data):
    from core.faces.finder import FaceFinder
    from core.faces.pyramid import Pyramid

    image = read_image(mien_data / "photos" / "facerec_two_people.jpg")
    crop = Cropper("auto")(sample(image))
    assert crop.found
    served = [face.crop.astype(int) for face in FaceFinder().find(Pyramid(image))]
    assert min(np.abs(crop.image - other).mean() for other in served) < 12


def test_a_picture_without_a_face_is_kept_and_marked(detector):
    image = np.full((300, 400, 3), 127, np.uint8)
    crop = Cropper("auto")(sample(image))
    assert not crop.found
    assert crop.image is image


def test_grey_photographs_are_searched_too(detector):
    from skimage.data import astronaut

    colour = np.ascontiguousarray(astronaut())
    assert Cropper("auto")(sample(colour.mean(axis=2).astype(np.uint8))).found


def test_the_box_of_a_source_becomes_the_crop():
    image = np.zeros((300, 400, 3), np.uint8)
    image[100:148, 200:248] = 200
    crop = Cropper("none")(sample(image, box=(200.0, 100.0, 48.0, 48.0)))
    assert (crop.image == 200).all()
    assert crop.image.shape == (48, 48, 3)
    assert crop.box is None
    assert (Cropper("auto")(sample(image, box=(200.0, 100.0, 48.0, 48.0))).image == 200).all()


@pytest.mark.parametrize(
    "box", [(0, 0, 30, 50), (-9, -9, 30, 30), (390, 290, 10, 10), (0, 0, 400, 300), (0, 7, 400, 1)]
)
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_square_around_a_box_reaches_beyond_the_edge(box, scale):
    image = noise(300, 400, 3)
    square = square_around(image, box, scale)
    assert square.shape[0] == square.shape[1] == max(1, round(scale * min(max(box[2:]), 2 * min(box[2:]))))
    assert square_around(image[..., 0], box, scale).shape == square.shape[:2]


def test_a_face_in_a_box_is_aligned_and_one_that_is_not_found_is_the_box(detector):
    from skimage.data import astronaut

    photo, face = astronaut(), (170.0, 60.0, 110.0, 130.0)
    found = Cropper("auto")(sample(photo, box=face))
    whole = Cropper("auto")(sample(photo))
    assert found.found
    assert np.abs(found.image.astype(int) - whole.image).mean() < 12
    blank = np.full((400, 400, 3), 128, np.uint8)
    assert (Cropper("auto")(sample(blank, box=(50.0, 50.0, 200.0, 200.0))).image == 128).all()
