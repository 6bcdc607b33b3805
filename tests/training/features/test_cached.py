from dataclasses import replace

import numpy as np
import pytest

from core.features import FEATURES, Feature
from core.features.feature import combined
from training.datasets import Dataset
from training.features import cached
from training.features.cached import compute, features_of


def bright(crop):
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
    expected = [bright(image) for image in rows.images]
    assert found.tolist() == [value is not None for value in expected]
    assert 0 < found.sum() < len(rows)
    np.testing.assert_array_equal(features, [value for value in expected if value is not None])


@pytest.mark.parametrize("feature", [BRIGHT, FEATURES["pixels"]], ids=lambda feature: feature.name)
def test_no_face_at_all_is_an_empty_array_of_the_right_shape(dataset, feature):
    none = compute(Feature("none", 1, lambda crop: None, feature.shape, feature.dtype), Dataset.load(dataset))
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
    monkeypatch.setattr(cached, "extract", lambda *_, **__: pytest.fail("computed again"))
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


@pytest.mark.parametrize("feature", [BRIGHT, BOTH, HALF], ids=lambda feature: feature.name)
def test_what_takes_long_is_kept_for_images_of_no_file_too(dataset, tmp_path, monkeypatch, feature):
    rows = Dataset.load(dataset, ("public-test",))
    expected = compute(feature, rows)
    first = compute(feature, rows, tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("bright-images-")
    with np.load(path) as arrays:
        np.savez(path, features=arrays["features"] + 1, found=arrays["found"])
    again = compute(feature, rows, tmp_path)
    for given, wanted in zip(first, expected, strict=True):
        np.testing.assert_array_equal(given, wanted)
    assert not np.array_equal(again[0], expected[0]), "not read from the file"


@pytest.mark.parametrize("change", ["a pixel", "a face not found", "the feature's version"])
def test_what_is_kept_is_named_by_all_that_it_depends_on(dataset, tmp_path, change):
    rows, feature = Dataset.load(dataset, ("public-test",)), BRIGHT
    compute(feature, rows, tmp_path)
    if change == "a pixel":
        images = rows.images.copy()
        images[0, 0, 0] ^= 1
        rows = replace(rows, images=images)
    elif change == "a face not found":
        rows = replace(rows, found=np.arange(len(rows)) > 0)
    else:
        feature = replace(feature, version=2)
    compute(feature, rows, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_face_that_the_dataset_lacks_is_seen_by_no_combination(dataset):
    rows = Dataset.load(dataset, ("public-test",))
    rows = replace(rows, found=np.arange(len(rows)) % 2 > 0)
    always = combined("always", 1, [BRIGHT], lambda value: np.zeros(1, np.float32), (1,), "float32")
    np.testing.assert_array_equal(compute(always, rows)[1], rows.found)
