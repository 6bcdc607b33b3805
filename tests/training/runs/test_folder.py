import json
from dataclasses import replace

import h5py
import pytest

from core.recipes import get_recipe
from training.errors import TrainingError
from training.runs.folder import (
    BEST,
    BEST_HALF,
    LATEST,
    PLAN,
    best_of,
    claim,
    plan_of,
    read_history,
    recipe_of,
    save,
    saved_history,
    write_history,
)

RECIPE = get_recipe("quick")
SETTINGS = RECIPE.settings()
PLANNED = {"seed": 0, "precision": "float32", "backend": "jax", "data": {"name": "d", "hash": "1"}, "start": None}
PLANNED |= {"pretrained": {"name": "w.h5", "sha256": "1"}}


def test_a_folder_is_claimed_once_and_gone_on_with(tmp_path):
    claim(tmp_path / "run", RECIPE, SETTINGS, PLANNED)
    assert recipe_of(plan_of(tmp_path / "run")) == (RECIPE, SETTINGS)
    claim(tmp_path / "run", RECIPE, SETTINGS, PLANNED | {"backend": "tensorflow"})
    claim(tmp_path / "run", RECIPE, SETTINGS, PLANNED | {"data": None})
    claim(tmp_path / "run", RECIPE, SETTINGS, PLANNED | {"pretrained": None})
    assert plan_of(tmp_path / "run")["backend"] == "jax"


@pytest.mark.parametrize(
    ("settings", "changes", "words"),
    [
        (replace(SETTINGS, batch=7), {}, "batch is 64 there, 7 here"),
        (SETTINGS, {"seed": 1}, "seed is 0 there, 1 here"),
        (SETTINGS, {"precision": "mixed_bfloat16"}, "precision is float32 there"),
        (SETTINGS, {"start": "ab"}, "start is None there"),
        (SETTINGS, {"data": {"name": "d", "hash": "2"}}, "data is"),
        (SETTINGS, {"pretrained": {"name": "w.h5", "sha256": "2"}}, "pretrained is"),
    ],
)
def test_another_run_is_refused_and_what_differs_named(tmp_path, settings, changes, words):
    claim(tmp_path, RECIPE, SETTINGS, PLANNED)
    with pytest.raises(TrainingError, match=words):
        claim(tmp_path, RECIPE, settings, PLANNED | changes)


def test_another_recipe_is_refused(tmp_path):
    claim(tmp_path, RECIPE, SETTINGS, PLANNED)
    other = get_recipe("cnn")
    with pytest.raises(TrainingError, match="recipe is quick there, cnn here"):
        claim(tmp_path, other, other.settings(), PLANNED)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"recipe": "quick"', '"recipe settings seed precision"'])
def test_a_damaged_plan_is_said_to_be(tmp_path, text):
    (tmp_path / PLAN).write_text(text)
    with pytest.raises(TrainingError, match="not readable as the plan"):
        plan_of(tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"), [({"recipe": "nope"}, "unknown recipe"), ({"settings": {"colour": 1}}, "'colour'")]
)
def test_a_plan_of_another_version_is_said_to_be(tmp_path, changes, words):
    claim(tmp_path, RECIPE, SETTINGS, PLANNED)
    (tmp_path / PLAN).write_text(json.dumps(plan_of(tmp_path) | changes))
    with pytest.raises(TrainingError, match=words):
        recipe_of(plan_of(tmp_path))


def test_curves_come_back(tmp_path):
    assert read_history(tmp_path) == []
    write_history(tmp_path, [{"epoch": 1, "loss": 2.5}, {"epoch": 2, "loss": 1.5}])
    assert read_history(tmp_path) == [{"epoch": "1", "loss": "2.5"}, {"epoch": "2", "loss": "1.5"}]


class Network:
    """As much of a Keras model as is used."""

    weights, optimizer = (), None

    def save_weights(self, path):
        h5py.File(path, "w").close()


def test_curves_go_as_far_as_the_latest_checkpoint(tmp_path):
    write_history(tmp_path, [{"epoch": 1}, {"epoch": 2}, {"epoch": 3}])
    assert saved_history(tmp_path) == []
    save(Network(), tmp_path / LATEST, 2)
    assert [row["epoch"] for row in saved_history(tmp_path)] == ["1", "2"]
    Network().save_weights(tmp_path / LATEST)  # as an earlier version wrote it
    assert len(saved_history(tmp_path)) == 3
    assert not list(tmp_path.glob("partial-*"))


def test_the_best_epochs_weights_are_whole_or_half(tmp_path):
    with pytest.raises(TrainingError, match="has not finished an epoch"):
        best_of(tmp_path)
    for name in (BEST_HALF, BEST):
        (tmp_path / name).touch()
        assert best_of(tmp_path) == tmp_path / name
