import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.features import FEATURES
from core.features.combined import ENSEMBLE_INPUT, ENSEMBLE_LAYOUT, from_ensemble_input, is_in_ensemble_input
from core.layout import FUSION_LAYOUT

FUSION, PIXELS = FEATURES["fusion"], FEATURES["pixels"]


@pytest.fixture
def blank():
    return np.full((48, 48, 3), 90, np.uint8)


def test_a_crop_without_a_mesh_has_pixels_and_zeros(mesh, movements, blank):
    parts = FUSION_LAYOUT.split(FUSION.compute(blank)[None])
    np.testing.assert_array_equal(parts["pixels"][0], PIXELS.compute(blank))
    assert not any(parts[name].any() for name in ("mesh", "blendshapes", "found"))


def test_a_mesh_is_flagged_and_laid_where_the_layout_says(blank):
    rng = np.random.default_rng(0)
    given = PIXELS.compute(blank), rng.normal(size=(468, 3)), rng.random(52)
    parts = FUSION_LAYOUT.split(FUSION.combine(*given)[None])
    for name, values in zip(("pixels", "mesh", "blendshapes"), given, strict=True):
        np.testing.assert_array_equal(parts[name][0], values.astype(np.float32))
    assert parts["found"] == 1


def test_the_probe_is_a_face_with_a_mesh():
    parts = FUSION_LAYOUT.split(FUSION.probe()[None])
    np.testing.assert_array_equal(parts["pixels"][0], PIXELS.probe())
    assert parts["found"] == 1
    assert parts["mesh"].std() > 0.1


@pytest.fixture(scope="module")
def portrait(mesh, movements):
    return cv2.resize(astronaut()[30:200, 140:310], (48, 48), interpolation=cv2.INTER_AREA)


MEMBERS_READ = sorted(name for name, feature in FEATURES.items() if is_in_ensemble_input(feature))


def test_what_members_of_an_ensemble_may_read():
    assert {"pixels", "embedding", "landmarks", "mesh", "blendshapes", "distances", "fusion"} <= set(MEMBERS_READ)
    assert not is_in_ensemble_input(FEATURES["embedding-mobilenet_v3_large"])


@pytest.mark.parametrize("name", MEMBERS_READ)
def test_a_feature_out_of_the_ensemble_input_is_that_of_the_crop(portrait, name):
    vector, feature = ENSEMBLE_INPUT.compute(portrait), FEATURES[name]
    given, expected = from_ensemble_input(feature, vector), feature.compute(portrait)
    assert given is not None, "the astronaut's mesh is found"
    assert given.dtype == expected.dtype
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", MEMBERS_READ)
def test_where_no_mesh_is_found(mesh, movements, name):
    noise = np.random.default_rng(0).integers(0, 256, (48, 48, 3)).astype(np.uint8)
    vector, feature = ENSEMBLE_INPUT.compute(noise), FEATURES[name]
    assert ENSEMBLE_LAYOUT.split(vector[None])["found"].tolist() == [[1, 1, 0, 0]]
    given, expected = from_ensemble_input(feature, vector), feature.compute(noise)
    assert (given is None) == (expected is None)
    if given is not None:
        np.testing.assert_array_equal(given, expected)


def test_a_feature_of_other_parts_is_refused():
    with pytest.raises(ValueError, match="embedding-mobilenet_v3_large"):
        from_ensemble_input(FEATURES["embedding-mobilenet_v3_large"], np.zeros(ENSEMBLE_LAYOUT.size, np.float32))
