from types import SimpleNamespace

import numpy as np
import pytest

from core.cards import Output
from core.features import FEATURES
from core.labels import FER7, FERPLUS8
from training.errors import TrainingError
from training.evaluation import predictions
from training.fit import distillation
from training.fit.distillation import taught_by
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
    """A shelf to put models on, and a folder of its own for their answers."""
    shelf = {}
    monkeypatch.setattr(predictions, "CACHE", tmp_path / "predictions")
    monkeypatch.setattr(distillation, "folder_of", lambda name: name)
    monkeypatch.setattr(distillation, "Artifact", shelf.get)
    return shelf


def test_teachers_answer_together(installed, dataset):
    installed |= {"sad": Teacher(4), "happy": Teacher(3)}
    taught = taught_by(["sad", "happy"], dataset)
    np.testing.assert_allclose(taught.probabilities[:, [3, 4]], 0.5, atol=1e-4)
    assert len(taught.probabilities) == 140
    assert taught.teachers.keys() == {"sad", "happy"}
    assert len(set(taught.teachers.values())) == 2


def test_who_remembers_is_asked_about_what_it_did_not_see(installed, dataset, monkeypatch):
    asked = []

    def crossed(recipe, settings, feature, path, temperature):
        asked.append((recipe.name, settings.components, feature.name, temperature))
        answers = np.full((140, 7), 1 / 7, np.float32)
        answers[5] = np.nan
        return answers

    monkeypatch.setattr(distillation, "cross_fitted", crossed)
    installed["svm"] = Teacher(0, "mesh-svm", settings={"components": 9, "feature": "mesh", "votes": 0.0})
    for _ in range(2):
        taught = taught_by(["svm"], dataset)
    assert asked == [("mesh-svm", 9, "mesh", 2.0)]  # the second time it was kept
    assert np.isnan(taught.probabilities[5]).all()
    installed["happy"] = Teacher(3)
    both = taught_by(["svm", "happy"], dataset).probabilities
    assert both[5, 3] == pytest.approx(1, abs=1e-4)  # one of them answers
    assert both[6, 3] == pytest.approx((1 / 7 + 1) / 2, abs=1e-4)


def test_a_teacher_of_other_labels_is_refused(installed, dataset):
    installed["eight"] = Teacher(0, label_set=FERPLUS8)
    with pytest.raises(TrainingError, match=r"--teacher eight.*fer7"):
        taught_by(["eight"], dataset)


def test_what_is_learnt_from_carries_the_answers_and_the_plan_their_names(installed, dataset):
    installed["happy"] = Teacher(3)
    material = load_material(FEATURES["pixels"], dataset, ["happy"])
    assert material.training.taught.shape == (140, 7)
    assert material.training[[1, 2]].taught.argmax(axis=1).tolist() == [3, 3]
    assert material.choice.taught is None
    assert material.name_and_hash()["teachers"].keys() == {"happy"}
    assert "teachers" not in load_material(FEATURES["pixels"], dataset).name_and_hash()
