import numpy as np
import pytest

import training.features
from core.features import FEATURES, Feature
from core.features.feature import combined
from training.datasets import Dataset
from training.features import compute, features_of


def bright(crop, face):
    return None if crop.mean() < 68 else np.array([crop.mean(), crop.std()], np.float32)


BRIGHT = Feature("bright", 1, bright, (2,), "float32", needs="mesh")  # one of those that are kept on the disk


def both(pixels, brightness):
    corner = pixels[0, 0].astype(np.float32)
    return np.concatenate([corner, [-1, -1] if brightness is None else brightness]).astype(np.float32)


BOTH = combined("both", 1, [FEATURES["pixels"], BRIGHT], both, (3,), "float32")
HALF = combined("half", 1, [BRIGHT], lambda value: None if value is None else value / 2, (2,), "float32")


def test_compute_gives_the_features_found_and_which_they_are(dataset):
    rows = Dataset.load(dataset)
    features, found = compute(BRIGHT, rows)
    expected = [bright(image, None) for image in rows.images]
    assert found.tolist() == [value is not None for value in expected]
    assert 0 < found.sum() < len(rows)
    np.testing.assert_array_equal(features, [value for value in expected if value is not None])


@pytest.mark.parametrize("feature", [BRIGHT, FEATURES["pixels"]], ids=lambda feature: feature.name)
def test_no_face_at_all_is_an_empty_array_of_the_right_shape(dataset, feature):
    none = compute(Feature("none", 1, lambda crop, face: None, feature.shape, feature.dtype), Dataset.load(dataset))
    assert none[0].shape == (0, *feature.shape)
    assert none[0].dtype == feature.dtype
    assert not none[1].any()


@pytest.mark.parametrize("splits", [("training",), ("private-test", "training"), ("training", "public-test")])
@pytest.mark.parametrize("feature", [BRIGHT, FEATURES["pixels"], BOTH, HALF], ids=lambda feature: feature.name)
def test_features_of_a_file_are_those_of_its_rows(dataset, splits, feature):
    rows, features, found = features_of(feature, dataset, splits, jobs=1)
    expected = Dataset.load(dataset, splits)
    assert rows.hashes.tolist() == expected.hashes.tolist()
    values, seen = compute(feature, expected)
    np.testing.assert_array_equal(features, values)
    np.testing.assert_array_equal(found, seen)


def test_a_slow_feature_is_computed_once(dataset, tmp_path, monkeypatch):
    import shutil

    copy = tmp_path / "copy.parquet"
    shutil.copy(dataset, copy)
    first = features_of(BRIGHT, copy, ("public-test",), jobs=1)[1]
    monkeypatch.setattr(training.features, "extract", lambda *_, **__: pytest.fail("computed again"))
    np.testing.assert_array_equal(features_of(BRIGHT, copy, ("public-test",))[1], first)
    assert [path.name.rsplit("-", 1)[0] for path in (tmp_path / "copy.features").iterdir()] == ["bright-public-test"]


def test_a_quick_feature_leaves_nothing_on_the_disk(dataset, tmp_path):
    import shutil

    copy = tmp_path / "copy.parquet"
    shutil.copy(dataset, copy)
    features_of(FEATURES["pixels"], copy, ("public-test",))
    assert list(tmp_path.iterdir()) == [copy]


def test_of_a_feature_made_of_others_these_are_kept(dataset, tmp_path):
    import shutil

    copy = tmp_path / "copy.parquet"
    shutil.copy(dataset, copy)
    _, features, found = features_of(BOTH, copy, ("public-test",), jobs=1)
    assert found.all(), "it has an answer where a part of it has none"
    assert (features[:, 1] == -1).any()
    assert [path.name.rsplit("-", 1)[0] for path in (tmp_path / "copy.features").iterdir()] == ["bright-public-test"]
