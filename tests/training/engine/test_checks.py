"""Both checks, on stand-ins for models that see the bright bar which made-up faces have at their class's height."""

from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from core.cards import Output
from core.features import FEATURES
from core.labels import FER7
from core.readings import Answer
from training.commands import engine
from training.commands.main import app
from training.engine import checks
from training.engine.checks import PhotographCheck, SaliencyCheck, check_photographs, check_saliency
from training.errors import TrainingError


class BarReader:
    """Reads the bar of a crop."""

    feature = FEATURES["pixels"]
    card = SimpleNamespace(name="bars", outputs={"fer7": Output(FER7.labels, "made up")}, feature={"name": "pixels"})

    def predict(self, features):
        bars = [features[:, 4 + 6 * label : 8 + 6 * label, 8:40, 0].mean(axis=(1, 2)) for label in range(7)]
        logits = np.stack(bars, axis=1) / 20
        return {"fer7": logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))}


class Blind(BarReader):
    """Answers the same whatever it sees."""

    def predict(self, features):
        return super().predict(np.full_like(features, 9) + np.arange(48, dtype=np.uint8)[:, None, None])


class Finder:
    """Stands for a `Recognizer`: finds faces at the places, and with the labels, that `sees` returns."""

    def __init__(self, sees, model=None):
        self.sees, self.artifact = sees, model or BarReader()
        self.card = self.artifact.card

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
    made, photograph = [], checks.make_photograph

    def recorded(crop, rng):
        picture, centre, side = photograph(crop, rng)
        made.append(centre)
        return picture, centre, side

    monkeypatch.setattr(checks, "make_photograph", recorded)
    return made


def test_the_face_nearest_to_the_place_counts(dataset, places):
    found = check_photographs(Finder(lambda: [((1, 1), "sad"), (places[-1], "happy")]), dataset, 35)
    assert found.found.all()
    assert found.right_as_crop.all()
    assert found.right.sum() == 5  # as many happy faces as there are
    assert not found.holds
    assert "35 faces of public-test in photographs: 100.0% found, 14.3% right, as crops 100.0%" in str(found)


def test_a_face_somewhere_else_is_not_found(dataset):
    found = check_photographs(Finder(lambda: [((-500, -500), "happy")]), dataset, 7)
    assert not found.found.any()
    assert not found.right.any()


def test_three_points_may_be_lost():
    right = np.arange(100) < 70
    check = {"sides": np.full(100, 30.0), "found": np.ones(100, bool), "right": right}
    assert PhotographCheck(**check, right_as_crop=np.arange(100) < 73).holds
    assert not PhotographCheck(**check, right_as_crop=np.arange(100) < 74).holds


def test_a_model_that_answers_in_other_labels_is_refused(dataset):
    other = SimpleNamespace(card=SimpleNamespace(name="other", outputs={"ferplus8": None}, feature={"name": "pixels"}))
    with pytest.raises(TrainingError, match="other: does not read"):
        check_photographs(Finder(list, other), dataset, 5)


@pytest.mark.parametrize(("check", "model"), [(check_photographs, Finder(list)), (check_saliency, BarReader())])
def test_too_few_images_are_said(dataset, check, model):
    with pytest.raises(TrainingError, match=r"only 35 images .*--images"):
        check(model, dataset, 36)


def test_hiding_the_bar_counts_more_than_hiding_anything_else(dataset):
    found = check_saliency(BarReader(), dataset, images=20)
    assert found.holds
    assert found.p < 0.01
    assert np.median(found.marked) > 0.3
    assert "20 images of public-test" in str(found)
    assert str(found).endswith("holds")


@pytest.mark.filterwarnings("ignore:invalid value")  # from a test on zeros alone
def test_a_model_that_looks_nowhere_does_not_pass(dataset):
    assert not check_saliency(Blind(), dataset, images=20).holds


def test_the_same_seed_gives_the_same_figures(dataset):
    first, again = (check_saliency(BarReader(), dataset, images=5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.elsewhere, again.elsewhere)


def test_twice_as_much_is_asked_for():
    elsewhere = np.linspace(0.1, 0.2, 50)
    assert SaliencyCheck(2.1 * elsewhere, elsewhere).holds
    assert not SaliencyCheck(1.9 * elsewhere, elsewhere).holds


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(("model", "exit_code", "said"), [(BarReader, 0, "holds"), (Blind, 1, "DOES NOT HOLD")])
def test_the_command_fails_where_it_does_not_hold(dataset, monkeypatch, model, exit_code, said):
    monkeypatch.setattr(engine, "folder_of", lambda name: name)
    monkeypatch.setattr(engine, "Artifact", lambda folder: model())
    run = CliRunner().invoke(app, ["check-saliency", "bars", "--data", str(dataset), "--images", "10"])
    assert run.exit_code == exit_code
    assert run.stdout.startswith("bars: 10 images")
    assert run.stdout.strip().endswith(said)
