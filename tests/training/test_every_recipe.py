"""Every recipe there is, as far as a few made-up examples go: fitted, saved, loaded, exported and served.

A new recipe is tested by existing. What needs Keras runs for all of them in one process of its own; its findings come
back as JSON.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.features import FEATURES
from core.labels import LABEL_SETS
from core.recipes import recipes

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import json, sys, traceback
from dataclasses import fields, replace
from pathlib import Path
import numpy as np
from scipy.special import softmax
from core.inference.artifact import Artifact
from core.cards import Card, Output
from core.features import FEATURES
from core.labels import LABEL_SETS
from core.recipes import recipes
from training.fit.examples import Examples
from training.export.parity import stand_in
from training.fit.plan import FitPlan, Material
from training.fit.trainers import TRAINERS

SMALL = {"epochs": 1, "batch": 8, "components": 5, "side": 32, "frozen_epochs": 0, "weights": "none"}

def small(recipe):
    names = {field.name for field in fields(recipe.settings)}
    return replace(recipe.settings(), **{name: value for name, value in SMALL.items() if name in names})

def look_at(recipe, work):
    settings, trainer = small(recipe), TRAINERS[recipe.trainer]
    feature = FEATURES[recipe.feature_of(settings)]
    features, labels = stand_in(feature, 21), np.arange(21) % 7
    examples = Examples(features, labels, np.eye(10, dtype=np.uint8)[labels] * 9)
    run = work / "runs" / recipe.name
    material = Material(Path("d.parquet"), "0" * 32, feature.identity(), examples, examples)
    model = trainer.fit(FitPlan(recipe, settings, material, run), say=lambda line: None)
    fitted = trainer.predict(model, features)
    loaded = trainer.predict(trainer.load_best(run)[2], features)
    outputs = {name: Output(LABEL_SETS[name].labels, "made up") for name in recipe.label_sets}
    card = Card(recipe.name, recipe.name, recipe.summary, feature.identity(), outputs, known_answer={}, files={})
    trainer.export(recipe, model, features, card, work / "models" / recipe.name, "float16")
    artifact = Artifact(work / "models" / recipe.name)
    served = {name: np.exp(values) for name, values in artifact.predict(features).items()}
    apart = lambda one, other: max(float(np.abs(softmax(one[name], 1) - other[name]).max()) for name in other)
    return {
        "finished": trainer.is_finished(run),
        "labels": {name: list(output.labels) for name, output in artifact.card.outputs.items()},
        "widths": {name: values.shape[1] for name, values in fitted.items()},
        "spread": max(float(np.ptp(values, axis=0).max()) for values in served.values()),
        "loaded_apart": apart(loaded, {name: softmax(values, 1) for name, values in fitted.items()}),
        "served_apart": apart(fitted, served),
    }

work, found = Path(sys.argv[1]), {}
chosen = [recipe for recipe in recipes().values() if recipe.name in sys.argv[2:]]
# What eats the file of an installed model comes after the recipe that makes it.
for recipe in sorted(chosen, key=lambda recipe: bool(FEATURES[recipe.feature].model_files)):
    try:
        found[recipe.name] = look_at(recipe, work)
    except Exception:
        found[recipe.name] = {"error": traceback.format_exc()}
    TRAINERS[recipe.trainer].clear()
(work / "found.json").write_text(json.dumps(found))
"""


SMALL = ["embedding-mlp", "mesh-svm", "quick"]
"""Recipes that are fitted and exported in seconds; the others are looked at with the slow tests."""

LARGE = [name for name in recipes() if name not in SMALL]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What became of each recipe, by name; the large ones are looked at when they are asked for."""

    def outcome(name):
        if name not in outcomes:
            outcomes.update(_looked_at(tmp_path_factory.mktemp("recipes"), LARGE if name in LARGE else SMALL))
        return outcomes[name]

    outcomes = {}
    return outcome


def _looked_at(work, names):
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(work), *names],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ
        | {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2", "MIEN_MODELS": str(work / "models")},
    )
    assert run.returncode == 0, run.stderr
    return json.loads((work / "found.json").read_text())


@pytest.mark.parametrize("name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_a_recipe_is_fitted_loaded_exported_and_served(found, name):
    outcome = found(name)
    assert "error" not in outcome, outcome["error"]
    assert outcome["finished"]
    assert outcome["labels"] == {each: list(LABEL_SETS[each].labels) for each in recipes()[name].label_sets}
    assert outcome["widths"] == {each: len(labels) for each, labels in outcome["labels"].items()}
    assert outcome["spread"] > 1e-3, "it answers the same whatever it sees"
    assert outcome["loaded_apart"] < 1e-5
    assert outcome["served_apart"] < 1e-3


@pytest.mark.parametrize("name", recipes())
def test_a_recipe_eats_a_feature_that_there_is_and_has_whole_presets(name):
    recipe = recipes()[name]
    for settings in (recipe.settings(), *(recipe.settings(**preset) for preset in recipe.presets.values())):
        assert recipe.feature_of(settings) in FEATURES


def test_importing_the_recipes_imports_no_library_that_fits_them():
    code = "import sys\nfrom core.recipes import recipes\nassert recipes()\n"
    code += "print(*{'keras', 'tensorflow', 'jax', 'sklearn', 'skops'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.split() == []
