import numpy as np
import pytest

from core.images import read_image
from training.datasets import Sample
from training.datasets.cropper import Cropper, is_ready


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
