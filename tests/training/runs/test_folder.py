import json
import os
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import h5py
import pytest

from core import model_store
from core.recipes import get_recipe
from training.errors import TrainingError
from training.runs.folder import (
    BEST,
    BEST_HALF,
    CURVES,
    LATEST,
    PLAN,
    RunPlan,
    best_of,
    outlook,
    read_history,
    save,
    saved_history,
    write_history,
)

KEPT = Path(__file__).parents[3] / "models" / "checkpoints"
NOW = datetime.now(UTC)
RECIPE = get_recipe("quick")
SETTINGS = asdict(RECIPE.settings())
PLANNED = RunPlan(
    recipe="quick",
    settings=SETTINGS,
    seed=0,
    precision="float32",
    backend="jax",
    data={"name": "d", "hash": "1"},
    pretrained={"name": "w.h5", "sha256": "1"},
)


def test_a_folder_is_claimed_once_and_continued(tmp_path):
    PLANNED.claim(tmp_path / "run")
    assert RunPlan.read(tmp_path / "run") == PLANNED
    assert PLANNED.recipe_and_settings() == (RECIPE, RECIPE.settings())
    for changes in ({"backend": "tensorflow"}, {"data": None}, {"pretrained": None}):
        replace(PLANNED, **changes).claim(tmp_path / "run")
    assert RunPlan.read(tmp_path / "run").backend == "jax"


def test_a_plan_of_an_earlier_version_is_read_and_continued(tmp_path):
    settings = {name: value for name, value in SETTINGS.items() if name != "balance"}
    told = {"recipe": "quick", "settings": settings, "seed": 0, "precision": "float32"}
    (tmp_path / PLAN).write_text(json.dumps(told))
    found = RunPlan.read(tmp_path)
    assert (found.backend, found.data, found.start, found.pretrained) == (None,) * 4
    assert found.recipe_and_settings() == (RECIPE, RECIPE.settings())
    PLANNED.claim(tmp_path)
    assert json.loads((tmp_path / PLAN).read_text()) == told


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"settings": SETTINGS | {"batch": 7}}, "batch is 64 there, 7 here"),
        ({"seed": 1}, "seed is 0 there, 1 here"),
        ({"precision": "mixed_bfloat16"}, "precision is float32 there"),
        ({"start": "ab"}, "start is None there"),
        ({"data": {"name": "d", "hash": "2"}}, "data is"),
        ({"pretrained": {"name": "w.h5", "sha256": "2"}}, "pretrained is"),
        ({"recipe": "cnn", "settings": {}}, "recipe is quick there, cnn here"),
    ],
)
def test_another_run_is_refused_and_the_difference_named(tmp_path, changes, words):
    PLANNED.claim(tmp_path)
    with pytest.raises(TrainingError, match=words):
        replace(PLANNED, **changes).claim(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"recipe": "quick"', '"recipe settings seed precision"'])
def test_a_damaged_plan_is_said_to_be(tmp_path, text):
    (tmp_path / PLAN).write_text(text)
    with pytest.raises(TrainingError, match="not readable as the plan"):
        RunPlan.read(tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"), [({"recipe": "nope"}, "unknown recipe"), ({"settings": {"colour": 1}}, "'colour'")]
)
def test_a_plan_of_a_later_version_is_said_to_be(tmp_path, changes, words):
    (tmp_path / PLAN).write_text(json.dumps(asdict(PLANNED) | changes | {"more": 1}))
    with pytest.raises(TrainingError, match=words):
        RunPlan.read(tmp_path).recipe_and_settings()


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


def begin(folder, **settings):
    (folder / PLAN).write_text(json.dumps({"recipe": "any", "settings": settings}))


def test_before_it_has_begun_nothing_is_known(tmp_path):
    far = outlook(tmp_path, NOW)
    assert (far.rows, far.epochs, far.seconds_left) == ((), None, None)


def test_in_the_first_epoch_nobody_knows_how_long(tmp_path):
    begin(tmp_path, epochs=5)
    far = outlook(tmp_path, NOW)
    assert (far.epochs, far.seconds_left) == (5, None)


def test_what_is_left_shrinks_while_an_epoch_lasts(tmp_path):
    begin(tmp_path, epochs=5)
    write_history(tmp_path, [{"epoch": 1, "loss": 2.0, "val_accuracy": 0.5, "seconds": 1000}])
    ago = time.time() - 300
    os.utime(tmp_path / CURVES, (ago, ago))
    far = outlook(tmp_path, NOW - timedelta(hours=1))
    assert far.rows[0]["val_accuracy"] == 0.5
    assert 3650 < far.seconds_left <= 3700


def test_a_run_that_is_continued_repeats_its_epoch(tmp_path):
    begin(tmp_path, epochs=2)
    write_history(tmp_path, [{"epoch": 1, "seconds": 1000}])
    os.utime(tmp_path / CURVES, (0, 0))
    assert outlook(tmp_path, datetime.now(UTC)).seconds_left > 900


def test_a_fit_in_one_go_has_no_epochs(tmp_path):
    begin(tmp_path, components=50)
    write_history(tmp_path, [{"epoch": 1, "val_accuracy": 0.5, "seconds": 10}])
    assert outlook(tmp_path, NOW).epochs is None


@pytest.mark.parametrize("folder", sorted(KEPT.glob("*")), ids=lambda path: path.name)
def test_a_run_that_is_kept_in_git_can_be_continued_and_is_no_model(folder):
    recipe, _ = RunPlan.read(folder).recipe_and_settings()
    assert recipe.name in (folder / "README.md").read_text()
    assert read_history(folder)
    assert best_of(folder) == folder / BEST_HALF
    assert sum(path.stat().st_size for path in folder.iterdir()) < 10e6
    assert folder not in model_store.found().values()
