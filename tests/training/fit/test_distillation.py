from types import SimpleNamespace

import numpy as np
import pytest

from core.cards import Output
from core.features import FEATURES
from core.features.feature import Feature
from core.labels import FER7, FERPLUS8
from core.recipes import get_recipe
from training.datasets import write_dataset
from training.datasets.sample import Sample
from training.errors import TrainingError
from training.evaluation import predictions
from training.fit import distillation
from training.fit.distillation import cross_fitted, soft_labels_of
from training.fit.material import load_material


class Teacher:
    """Sure of one label, whatever it sees."""

    feature = FEATURES["pixels"]

    def __init__(self, label, recipe="quick", label_set=FER7, settings=None):
        self.label, self.label_set = label, label_set
        self.card = SimpleNamespace(
            outputs={label_set.name: Output(label_set.labels, "made up", 2.0)},
            files={"model": {"sha256": str(label)}},
            feature={"name": "pixels"},
            recipe=recipe,
            settings=settings or {},
        )

    def predict(self, features):
        chosen = np.full((len(features), len(self.label_set)), 1e-6, np.float32)
        chosen[:, self.label] = 1
        return {self.label_set.name: np.log(chosen)}


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """A mapping to install models in, and a folder of its own for their answers."""
    models = {}
    monkeypatch.setattr(predictions, "CACHE", tmp_path / "predictions")
    monkeypatch.setattr(distillation, "folder_of", lambda name: name)
    monkeypatch.setattr(distillation, "Artifact", models.get)
    return models


def test_teachers_answer_together(installed, dataset):
    installed |= {"sad": Teacher(4), "happy": Teacher(3)}
    soft_labels, identities = soft_labels_of(["sad", "happy"], dataset)
    np.testing.assert_allclose(soft_labels[:, [3, 4]], 0.5, atol=1e-4)
    assert len(soft_labels) == 140
    assert identities.keys() == {"sad", "happy"}
    assert len(set(identities.values())) == 2


def test_a_teacher_that_remembers_is_cross_fitted(installed, dataset, monkeypatch):
    asked = []

    def crossed(recipe, settings, feature, path, temperature):
        asked.append((recipe.name, settings.components, feature.name, temperature))
        answers = np.full((140, 7), 1 / 7, np.float32)
        answers[5] = np.nan
        return answers

    monkeypatch.setattr(distillation, "cross_fitted", crossed)
    installed["svm"] = Teacher(0, "mesh-svm", settings={"components": 9, "feature": "mesh", "votes": 0.0})
    for _ in range(2):
        soft_labels, _ = soft_labels_of(["svm"], dataset)
    assert asked == [("mesh-svm", 9, "mesh", 2.0)]  # the second time it was kept
    assert np.isnan(soft_labels[5]).all()
    installed["happy"] = Teacher(3)
    both, _ = soft_labels_of(["svm", "happy"], dataset)
    assert both[5, 3] == pytest.approx(1, abs=1e-4)  # one of them answers
    assert both[6, 3] == pytest.approx((1 / 7 + 1) / 2, abs=1e-4)


def test_a_teacher_of_other_labels_is_refused(installed, dataset):
    installed["eight"] = Teacher(0, label_set=FERPLUS8)
    with pytest.raises(TrainingError, match=r"--teacher eight.*fer7"):
        soft_labels_of(["eight"], dataset)


def test_training_has_soft_labels_and_the_material_names_the_teachers(installed, dataset):
    installed["happy"] = Teacher(3)
    material = load_material(FEATURES["pixels"], dataset, ["happy"])
    assert material.training.soft_labels.shape == (140, 7)
    assert material.training[[1, 2]].soft_labels.argmax(axis=1).tolist() == [3, 3]
    assert material.choice.soft_labels is None
    assert material.identity()["teachers"].keys() == {"happy"}
    assert "teachers" not in load_material(FEATURES["pixels"], dataset).identity()


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


def test_cross_fitting_answers_to_images_that_were_held_out(tmp_path):
    labels = np.arange(70) % 7
    images = noise(70)
    for image, label in zip(images, labels, strict=True):
        image[6 * label : 6 * label + 6] = 250
    y_prob = crossed(tmp_path / "d.parquet", images, labels.tolist())
    np.testing.assert_allclose(y_prob.sum(axis=1), 1, atol=1e-4)
    assert (y_prob.argmax(axis=1) == labels).mean() > 0.95


def test_cross_fitting_holds_copies_of_an_image_out_together(tmp_path):
    labels = np.random.default_rng(1).integers(0, 7, 105)
    images, labels = np.repeat(noise(105), 2, axis=0), np.repeat(labels, 2)
    y_prob = crossed(tmp_path / "d.parquet", images, labels.tolist())
    assert (y_prob.argmax(axis=1) == labels).mean() < 0.4


def test_cross_fitting_gives_a_face_that_was_not_found_no_answer(tmp_path):
    labels = (np.arange(42) % 7).tolist()
    found = [place != 3 for place in range(42)]
    y_prob = crossed(tmp_path / "d.parquet", noise(42), labels, found)
    assert np.isnan(y_prob[3]).all()
    assert not np.isnan(np.delete(y_prob, 3, axis=0)).any()
