"""A scikit-learn recipe from the dataset to the installed model; no network is at work, so it runs right here."""

import sys

import pytest

from core.features import FEATURES
from core.inference.artifact import verify
from core.recipes import get_recipe
from training.errors import TrainingError
from training.runs.mlflow_runs import list_runs
from training.workflows.sweep import sweep
from training.workflows.train import adopt, plan_fit, start_of, train

RECIPE = get_recipe("mesh-svm")
SETTINGS = RECIPE.settings(feature="distances", components=10, whiten=False)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


def test_it_is_fitted_calibrated_logged_and_installed(folder, cartoons, movements, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)  # importing it would fail
    said = []
    out = folder / "models" / "mesh-svm"
    card = train(plan_fit(RECIPE, SETTINGS, cartoons, folder / "run"), out, command="again", say=said.append)
    verify("mesh-svm")
    assert card.feature == {"name": "distances", "version": FEATURES["distances"].version}
    assert set(card.files) == {"model.skops"}
    assert card.outputs["fer7"].label_source == f"{cartoons.stem} labels"
    assert card.versions["scikit-learn"]
    assert "keras" not in card.versions
    assert card.data["fit"]["epochs"] == 1
    assert card.data["peak_memory_mb"] > 50
    assert any(line.startswith("peak memory") for line in said)
    assert card.metrics["public_test"]["accuracy"] > 0.4  # drawings are easy
    assert "scikit-learn" in (out / "README.md").read_text()
    (run,) = list_runs()
    assert (run.state, run.tags["mien.backend"]) == ("finished", "scikit-learn")
    assert run.figures["public_test/accuracy"] == card.metrics["public_test"]["accuracy"]
    home = adopt(RECIPE, cartoons, folder / "run", folder / "models" / "home", command="", say=lambda line: None)
    assert home.known_answer == card.known_answer
    with pytest.raises(TrainingError, match="begins from nothing"):
        start_of("mesh-svm", RECIPE)


def test_components_and_cost_are_searched(folder, cartoons, movements):
    choices = ["components=5,9999", "C=1,5", "feature=distances"]
    trials = sweep(RECIPE, cartoons, choices, folder / "sweep", preset="seed", say=lambda line: None)
    assert [trial.accuracy is None for trial in trials] == [False, False, True, True]
    assert "n_components=9999" in trials[-1].error
    assert trials[0].accuracy >= trials[1].accuracy > 0.4
    assert trials[0].epochs == 1
