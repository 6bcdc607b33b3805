import numpy as np

from core.features.feature import Feature
from core.recipes import get_recipe
from training.datasets import write_dataset
from training.datasets.sample import Sample
from training.fit.distillation import cross_fitted

RECIPE = get_recipe("mesh-svm")
SETTINGS = RECIPE.settings(components=10)
COARSE = Feature("coarse", 1, lambda crop: crop[::6, ::6, 0].astype(np.float32), (8, 8), "float32")


def crossed(path, images, labels, found=None):
    found = [True] * len(labels) if found is None else found
    write_dataset(
        [Sample(*each[:2], "training", found=each[2]) for each in zip(images, labels, found, strict=True)], path
    )
    return cross_fitted(RECIPE, SETTINGS, COARSE, path)


def noise(count):
    return np.random.default_rng(0).integers(0, 120, (count, 48, 48)).astype(np.uint8)


def test_what_can_be_learnt_is_known_of_images_never_seen(tmp_path):
    labels = np.arange(70) % 7
    images = noise(70)
    for image, label in zip(images, labels, strict=True):
        image[6 * label : 6 * label + 6] = 250
    probabilities = crossed(tmp_path / "d.parquet", images, labels.tolist())
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-4)
    assert (probabilities.argmax(axis=1) == labels).mean() > 0.95


def test_what_can_only_be_remembered_is_not_known_even_of_copies(tmp_path):
    labels = np.random.default_rng(1).integers(0, 7, 105)
    images, labels = np.repeat(noise(105), 2, axis=0), np.repeat(labels, 2)
    probabilities = crossed(tmp_path / "d.parquet", images, labels.tolist())
    assert (probabilities.argmax(axis=1) == labels).mean() < 0.4


def test_a_face_that_was_not_found_gets_no_answer(tmp_path):
    labels = (np.arange(42) % 7).tolist()
    found = [place != 3 for place in range(42)]
    probabilities = crossed(tmp_path / "d.parquet", noise(42), labels, found)
    assert np.isnan(probabilities[3]).all()
    assert not np.isnan(np.delete(probabilities, 3, axis=0)).any()
