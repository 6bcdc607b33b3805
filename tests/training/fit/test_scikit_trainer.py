"""The fit of a scikit-learn recipe, on made-up meshes; scikit-learn may share a process with the tests."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.features import FEATURES
from core.recipes import get_recipe
from training.errors import TrainingError
from training.fit import scikit_trainer
from training.fit.examples import Examples
from training.fit.plan import FitPlan, Material
from training.fit.scikit_trainer import ScikitTrainer
from training.runs.folder import read_history

RECIPE = get_recipe("mesh-svm")
SETTINGS = RECIPE.settings(feature="distances", components=7)


@pytest.fixture
def examples():
    """140 distances in space, of seven kinds that are easy to tell apart."""
    rng = np.random.default_rng(0)
    labels = np.arange(140) % 7
    features = np.zeros((140, *FEATURES["distances"].shape), np.float32)
    features[:, :20] = rng.normal(0, 0.1, (140, 20))
    features[np.arange(140), labels] += 3
    return Examples(features, labels, np.zeros((140, 10), np.uint8))


TRAINER = ScikitTrainer()


def quietly(folder, examples, settings=SETTINGS, choice=None, on_epoch=None, **options):
    feature = {"name": "distances", "version": 1}
    material = Material(Path("d.parquet"), "0" * 32, feature, examples, examples if choice is None else choice)
    plan = FitPlan(RECIPE, settings, material, folder, **options)
    return TRAINER.fit(plan, on_epoch=on_epoch, say=lambda line: None)


def test_it_learns_and_is_not_fitted_again(tmp_path, examples, monkeypatch):
    rows = []
    model = quietly(tmp_path, examples, on_epoch=rows.append)
    answers = model(examples.features)["fer7"]
    assert (answers.argmax(axis=1) == examples.labels).mean() > 0.95
    assert TRAINER.is_finished(tmp_path)
    assert [float(row["val_accuracy"]) for row in read_history(tmp_path)] == [row["val_accuracy"] for row in rows]
    monkeypatch.setattr(scikit_trainer, "_weighted", lambda *_: pytest.fail("fitted again"))
    again = quietly(tmp_path, examples)
    np.testing.assert_array_equal(again(examples.features)["fer7"], answers)


def test_a_fit_that_was_killed_begins_again(tmp_path, examples, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(scikit_trainer, "write_history", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            quietly(tmp_path, examples)
    assert not TRAINER.is_finished(tmp_path)
    quietly(tmp_path, examples)
    assert TRAINER.is_finished(tmp_path)


def test_the_likeliest_is_nearly_always_the_machines_own_answer(tmp_path, examples):
    noisy = replace(examples, features=examples.features + np.random.default_rng(1).normal(0, 1, (140, 468)))
    model = quietly(tmp_path, noisy)
    answers = model(noisy.features)["fer7"].argmax(axis=1)
    assert (answers == model.pipeline.predict(noisy.features)).mean() > 0.9


def test_an_example_comes_once_for_each_answer_by_its_share(examples):
    votes = np.zeros((140, 10), np.uint8)
    votes[0, [examples.labels[0], 3]] = 2, 6
    examples, settings = replace(examples, votes=votes), replace(SETTINGS, votes=1.0)
    rows, labels, weights = scikit_trainer._weighted(RECIPE, settings, examples, 0)
    shares = {int(label): float(weight) for row, label, weight in zip(rows, labels, weights, strict=True) if row == 0}
    assert shares == pytest.approx({int(examples.labels[0]): 0.25, 3: 0.75})
    assert len(rows) == 141


def test_rare_classes_weigh_more_or_come_more_often(examples):
    rare = examples[np.r_[0:14, 14:140:7, 15:140:7]]  # classes 0 and 1 are common, the others have two examples each
    _, labels, weights = scikit_trainer._weighted(RECIPE, replace(SETTINGS, balance="weights"), rare, 0)
    sums = np.bincount(labels, weights)
    np.testing.assert_allclose(sums, sums[0], rtol=1e-5)
    _, labels, weights = scikit_trainer._weighted(RECIPE, replace(SETTINGS, balance="oversample"), rare, 0)
    assert np.ptp(np.bincount(labels)) <= 1
    assert set(weights.tolist()) == {1.0}


def test_what_cannot_be_fitted_is_said_in_words_and_leaves_nothing_behind(tmp_path, examples):
    folder = tmp_path / "run"
    for words, options in {
        "scikit-learn fits 'mesh-svm'": {"precision": "mixed_bfloat16"},
        "components=0": {"settings": replace(SETTINGS, components=0)},
        "no image of class 6": {"examples": examples[examples.labels < 6]},
    }.items():
        with pytest.raises(TrainingError, match=words):
            quietly(folder, **({"examples": examples, "choice": examples} | options))
        assert not folder.exists()
    with pytest.raises(TrainingError, match=r"fit\.json"):
        TRAINER.load_best(folder)
    with pytest.raises(TrainingError, match=r"cannot fit 'mesh-svm' so: n_components=500"):
        quietly(folder, examples, replace(SETTINGS, components=500))
    with pytest.raises(TrainingError, match="did not come to its end"):
        TRAINER.load_best(folder)


def test_a_folder_is_not_shared_by_two_fits(tmp_path, examples):
    quietly(tmp_path, examples)
    with pytest.raises(TrainingError, match=r"C is 3\.0 there, 1\.0 here"):
        quietly(tmp_path, examples, replace(SETTINGS, C=1.0))
    assert json.loads((tmp_path / "fit.json").read_text())["backend"] == "scikit-learn"
