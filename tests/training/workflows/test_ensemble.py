import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from typer.testing import CliRunner

from core.cards import Card, file_entry
from core.errors import ModelError
from core.inference.artifact import Artifact, verify
from core.inference.ensemble import Member, log_probabilities, pooled
from core.model_store import folder_of
from core.runtime import paths
from training.commands.main import app
from training.errors import TrainingError
from training.evaluation import predictions
from training.export.folders import write_skops
from training.workflows import ensemble
from training.workflows.ensemble import fit_weights, make_ensemble

MEMBERS = ("quick", "embedding-mlp", "mesh-small")


def put_mesh_model(folder):
    """A small model that sees the mesh only, in the folder of that name."""
    numbers = np.random.default_rng(0).normal(size=(70, 1404))
    folder.mkdir()
    write_skops(make_pipeline(LogisticRegression(max_iter=3)).fit(numbers, np.arange(70) % 7), folder / "model.skops")
    card = replace(Card.load(folder_of("mesh-svm")), name=folder.name, known_answer={})
    replace(card, files={"model.skops": file_entry(folder / "model.skops")}).save(folder)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, mesh, movements):
    """Three models to choose from, and the answers they gave."""
    folder = tmp_path_factory.mktemp("shelf")
    for name in ("quick", "embedding-mlp", "embedder"):
        shutil.copytree(folder_of(name), folder / "models" / name)
    put_mesh_model(folder / "models/mesh-small")
    put_mesh_model(folder / "models/mesh-other")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "model_folders", lambda: [folder / "models"])
        patch.setattr(predictions, "CACHE", folder / "predictions")
        yield folder / "models"


@pytest.fixture(scope="module")
def whole(shelf, cartoons):
    make_ensemble(MEMBERS, cartoons, shelf / "ensemble", command="ensemble", say=lambda text: None)
    return shelf / "ensemble"


@pytest.fixture
def made(whole, tmp_path):
    """A copy that a test may damage."""
    return Path(shutil.copytree(whole, tmp_path / "ensemble"))


def opinion(right, n=700, seed=0):
    """Of somebody who is right on a share of n faces, and always as sure; and the truth."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 7
    said = np.where(rng.random(n) < right, truth, rng.integers(0, 7, n))
    return log_probabilities(3 * np.eye(7)[said]), truth


def member(**weights):
    return Member("one", "one.tflite", "", {}, {}, weights)


def test_a_label_that_one_of_them_was_taught_counts_as_taught():
    sure, half = [0.5, 0.5, 0.0], [0.2, 0.2, 0.6]
    members = [member(fer7=0.75, ferplus8=1.0), member(fer7=0.25), member(fer7=0.0)]
    told = [{"fer7": sure, "ferplus8": sure}, {"fer7": half}, {}]
    priors = ensemble._priors(members, told, ["fer7", "ferplus8"])
    assert priors["fer7"] == pytest.approx([0.425, 0.425, 0.15])
    assert priors["ferplus8"] == sure


def test_where_one_that_counts_does_not_tell_what_it_was_taught_nothing_is_told():
    assert ensemble._priors([member(fer7=0.5), member(fer7=0.5)], [{"fer7": [0.5, 0.5]}, {}], ["fer7"]) == {}


def test_who_knows_nothing_gets_no_weight():
    (knows, truth), (guesses, _) = opinion(0.8), opinion(0.0, seed=1)
    weights = fit_weights(np.stack([knows, guesses]), truth)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] > 0.95


def test_two_who_err_apart_are_better_together():
    (one, truth), (other, _) = opinion(0.7), opinion(0.7, seed=1)
    both = np.stack([one, other])
    weights = fit_weights(both, truth)
    assert weights == pytest.approx([0.5, 0.5], abs=0.1)
    right = (pooled(both, weights).argmax(axis=1) == truth).mean()
    assert right > (one.argmax(axis=1) == truth).mean()


def test_the_folder_stands_by_itself(made, shelf, monkeypatch):
    features = Artifact(made).probe()[None]
    before = Artifact(made).predict(features)["fer7"]
    shutil.copytree(shelf / "embedder", made.parent / "embedder")  # which the feature runs, and no member is
    monkeypatch.setattr(paths, "model_folders", lambda: [made.parent])
    np.testing.assert_array_equal(Artifact(made).predict(features)["fer7"], before)
    verify("ensemble")


def test_it_answers_as_its_members_weighed(made, cartoons):
    members = json.loads((made / "ensemble.json").read_text())["members"]
    weights = np.array([member["weights"]["fer7"] for member in members])
    assert weights.sum() == pytest.approx(1, abs=1e-3)
    said = [predictions.predict(Artifact(folder_of(name)), cartoons, "private-test") for name in MEMBERS]
    opinions = np.stack([ensemble._opinion(each.y_prob["fer7"]) for each in said])
    given = predictions.predict(Artifact(made), cartoons, "private-test").y_prob["fer7"]
    assert not np.isnan(given).any(), "a face without a mesh is answered by the others"
    np.testing.assert_array_equal(given.argmax(axis=1), pooled(opinions, weights).argmax(axis=1))


def test_the_card_says_what_it_is(made):
    card = Artifact(made).card
    assert card.recipe == "ensemble"
    assert card.summary == "quick, embedding-mlp and mesh-small, asked together."
    assert set(card.files) == {"ensemble.json", "quick.tflite", "embedding-mlp.tflite", "mesh-small.skops"}
    assert 0 < card.metrics["public_test"]["accuracy"] <= 1
    assert "ensemble" in (made / "README.md").read_text()


@pytest.mark.parametrize("name", ["quick.tflite", "mesh-small.skops"])
@pytest.mark.parametrize("damage", ["flip", "lose", "pipe", "link"])
def test_a_damaged_member_is_refused(made, name, damage):
    path = made / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    if damage == "flip":
        path.write_bytes(content)
    elif damage == "pipe":
        os.mkfifo(path)
    elif damage == "link":
        (made.parent / "elsewhere").write_bytes(content)
        path.symlink_to(made.parent / "elsewhere")
    with pytest.raises(ModelError, match=name):
        Artifact(made)


def test_a_member_must_answer_as_the_list_says(made):
    path, card = made / "ensemble.json", Card.load(made)
    path.write_text(path.read_text().replace('"fer7"', '"ferplus8"', 2))
    replace(card, files=dict(card.files) | {path.name: file_entry(path)}).save(made)
    with pytest.raises(ModelError, match="quick does not answer in 'ferplus8'"):
        Artifact(made)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        (["quick"], "two models or more"),
        (["quick", "quick"], "two models or more"),
        (["quick", "ensemble"], "ensemble: its feature"),
        (["auras", "quick"], "no model named 'auras'"),
    ],
)
def test_what_cannot_be_asked_together_is_refused(whole, cartoons, members, why):
    given = CliRunner().invoke(app, ["ensemble", *members, "--data", str(cartoons), "--name", "other"])
    assert given.exit_code
    assert why in str(given.exception)
    assert not (whole.parent / "other").exists()


def test_one_must_see_every_face(shelf, cartoons):
    with pytest.raises(TrainingError, match="without a mesh"):
        make_ensemble(["mesh-small", "mesh-other"], cartoons, shelf / "blind")
