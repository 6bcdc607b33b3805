import numpy as np
import pytest

from core.features import FEATURES
from core.layout import FUSION_LAYOUT

FUSION, PIXELS = FEATURES["fusion"], FEATURES["pixels"]


@pytest.fixture
def blank():
    return np.full((48, 48, 3), 90, np.uint8)


def test_a_crop_without_a_mesh_has_pixels_and_zeros(mesh, blank):
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
