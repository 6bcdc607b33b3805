from types import SimpleNamespace

import numpy as np
import pytest

from core.features import FEATURES
from core.labels import FER7
from core.readings import Answer
from training.engine import check_photographs as photograph_check
from training.engine.check_photographs import PhotographCheck, check_photographs
from training.errors import TrainingError


class Stand:
    """Reads crops rightly, by the bar that made-up faces have; finds a face where `sees` says so and calls it happy."""

    feature = FEATURES["pixels"]

    def __init__(self, sees, label_set="fer7"):
        self.sees, self.artifact = sees, self
        output = SimpleNamespace(labels=FER7.labels)
        self.card = SimpleNamespace(name="stand", outputs={label_set: output}, feature={"name": "pixels"})

    def predict(self, features):
        bars = [features[:, 4 + 6 * label : 8 + 6 * label, 8:40, 0].mean(axis=(1, 2)) for label in range(7)]
        return {"fer7": np.stack(bars, axis=1)}

    def read(self, picture):
        return [
            SimpleNamespace(
                face=SimpleNamespace(box=(x - 5, y - 5, 10, 10)), answers={"fer7": Answer({label: 1.0, "sad": 0.0})}
            )
            for (x, y), label in self.sees()
        ]


@pytest.fixture
def places(monkeypatch):
    """Where the crops were pasted, the newest last."""
    made, photograph = [], photograph_check.photograph

    def recorded(crop, rng):
        picture, centre, side = photograph(crop, rng)
        made.append(centre)
        return picture, centre, side

    monkeypatch.setattr(photograph_check, "photograph", recorded)
    return made


def test_the_face_nearest_to_the_place_counts(dataset, places):
    found = check_photographs(Stand(lambda: [((1, 1), "sad"), (places[-1], "happy")]), dataset, 35)
    assert found.found.all()
    assert found.right_as_crop.all()
    assert found.right.sum() == 5  # as many happy faces as there are
    assert not found.holds
    assert "35 faces of public-test in photographs: 100.0% found, 14.3% right, as crops 100.0%" in str(found)


def test_a_face_somewhere_else_is_not_found(dataset):
    found = check_photographs(Stand(lambda: [((-500, -500), "happy")]), dataset, 35)
    assert not found.found.any()
    assert not found.right.any()


def test_three_points_may_be_lost():
    right = np.arange(100) < 70
    check = {"sides": np.full(100, 30.0), "found": np.ones(100, bool), "right": right}
    assert PhotographCheck(**check, right_as_crop=np.arange(100) < 73).holds
    assert not PhotographCheck(**check, right_as_crop=np.arange(100) < 74).holds


def test_too_few_images_and_another_kind_of_model_are_one_sentence(dataset):
    with pytest.raises(TrainingError, match="smaller --images"):
        check_photographs(Stand(list), dataset, 1000)
    with pytest.raises(TrainingError, match="stand: does not read"):
        check_photographs(Stand(list, label_set="ferplus8"), dataset, 5)
