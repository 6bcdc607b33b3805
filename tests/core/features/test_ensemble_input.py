import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.features import FEATURES
from core.features.combined import ENSEMBLE_INPUT, ENSEMBLE_LAYOUT, from_ensemble_input, is_in_ensemble_input

SEEN = sorted(name for name, feature in FEATURES.items() if is_in_ensemble_input(feature))


@pytest.fixture(scope="module")
def portrait(mesh):
    return cv2.resize(astronaut()[30:200, 140:310], (48, 48), interpolation=cv2.INTER_AREA)


def test_what_members_see():
    assert {"pixels", "embedding", "landmarks", "mesh", "blendshapes", "distances", "fusion"} <= set(SEEN)
    assert not is_in_ensemble_input(FEATURES["embedding-mobilenet_v3_large"])


@pytest.mark.parametrize("name", SEEN)
def test_every_feature_is_as_in_the_face_itself(portrait, name):
    looks, feature = ENSEMBLE_INPUT.compute(portrait), FEATURES[name]
    given, expected = from_ensemble_input(feature, looks), feature.compute(portrait)
    assert given is not None, "the astronaut's mesh is found"
    assert given.dtype == expected.dtype
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", SEEN)
def test_where_no_mesh_is_found(mesh, name):
    noise = np.random.default_rng(0).integers(0, 256, (48, 48, 3)).astype(np.uint8)
    looks, feature = ENSEMBLE_INPUT.compute(noise), FEATURES[name]
    assert ENSEMBLE_LAYOUT.split(looks[None])["found"] == 0
    expected = feature.compute(noise)
    given = from_ensemble_input(feature, looks)
    assert (given is None) == (expected is None)
    if given is not None:
        np.testing.assert_array_equal(given, expected)


def test_what_is_made_of_other_looks_is_refused():
    with pytest.raises(ValueError, match="embedding-mobilenet_v3_large is not made of pixels"):
        from_ensemble_input(FEATURES["embedding-mobilenet_v3_large"], np.zeros(ENSEMBLE_LAYOUT.size, np.float32))
