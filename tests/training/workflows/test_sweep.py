"""The search over settings, with a fit that is made up; `test_cli.py` has the real one."""

import json
from types import SimpleNamespace

import pytest

from core.recipes import get_recipe
from training.errors import TrainingError
from training.runs.folder import write_history
from training.workflows import sweep as searching
from training.workflows.sweep import grid, sweep

RECIPE = get_recipe("quick")


def test_a_grid_is_every_combination_in_order():
    assert grid(["batch=16,32", "epochs=1", "dropout=0, 0.1"]) == [
        ("batch=16", "epochs=1", "dropout=0"),
        ("batch=16", "epochs=1", "dropout=0.1"),
        ("batch=32", "epochs=1", "dropout=0"),
        ("batch=32", "epochs=1", "dropout=0.1"),
    ]


def test_a_draw_is_the_same_for_the_same_seed():
    choices = ["batch=1,2,3,4,5,6", "epochs=1,2,3"]
    drawn = grid(choices, trials=5, seed=3)
    assert len(drawn) == 5
    assert drawn == grid(choices, trials=5, seed=3) != grid(choices, trials=5, seed=4)
    assert set(drawn) < set(grid(choices))
    assert grid(choices, trials=99) == grid(choices)


@pytest.mark.parametrize("choice", ["batch", "batch=", "batch=1,", "=1", "batch=1,1"])
def test_an_ill_formed_choice_is_named(choice):
    with pytest.raises(TrainingError, match="--set"):
        grid([choice])
    with pytest.raises(TrainingError, match="twice"):
        grid(["batch=1", "batch=2"])


@pytest.fixture
def fits(tmp_path, monkeypatch):
    """A place to sweep in, and the settings of every fit that was asked for."""
    asked = []
    material = SimpleNamespace(hash="abc", identity=lambda: {"name": "d", "hash": "abc"})

    class Trainer:
        def fit(self, plan, **options):
            asked.append(plan.settings)
            if plan.settings.learning_rate > 1:
                raise TrainingError("the loss is no longer a number")
            plan.folder.mkdir(exist_ok=True)
            write_history(plan.folder, [{"epoch": 1, "val_accuracy": plan.settings.dropout, "seconds": 2.0}])

        def is_finished(self, run):
            return True

        def prepare(self, plan):
            pass

        check_export = clear = lambda self: None

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(searching, "load_material", lambda feature, dataset: material)
    monkeypatch.setitem(searching.TRAINERS, "keras", Trainer())
    return asked


def search(tmp_path, *choices, **options):
    return sweep(RECIPE, tmp_path / "d.parquet", choices, tmp_path / "runs" / "sweep-quick", **options)


def test_the_best_comes_first_and_no_trial_is_made_twice(tmp_path, fits):
    choices = ("dropout=0.1,0.3", "learning_rate=0.001,9")
    first = search(tmp_path, *choices)
    assert [trial.accuracy for trial in first] == [0.3, 0.1, None, None]
    assert "no longer a number" in first[-1].error
    assert len(fits) == 4
    again = search(tmp_path, *choices, say=lambda line: None)
    assert again == first
    assert len(fits) == 4
    more = search(tmp_path, "dropout=0.1,0.3,0.5", "learning_rate=0.001")
    assert more[0].assignments == ("dropout=0.5", "learning_rate=0.001")
    assert len(fits) == 5
    with pytest.raises(TrainingError, match="another seed"):
        search(tmp_path, *choices, seed=1)
    from training.runs.mlflow_runs import list_runs

    found = list_runs()
    parents = {run.id for run in found if run.name == "sweep-quick"}
    assert parents
    trials = [run for run in found if run.parent]
    assert len(trials) == 5
    assert {run.parent for run in trials} <= parents
    assert sorted(run.state for run in trials) == ["failed", "failed", "finished", "finished", "finished"]


def test_a_mistake_shows_before_anything_is_fitted(tmp_path, fits):
    with pytest.raises(TrainingError, match="colour"):
        search(tmp_path, "dropout=0.1", "colour=red")
    assert not fits
    assert not (tmp_path / "runs").exists()


def test_no_trial_is_begun_after_the_time(tmp_path, fits):
    said = []
    assert search(tmp_path, "dropout=0.1,0.3", minutes=0, say=said.append) == []
    assert not fits
    assert any("minutes are over" in line for line in said)
    assert json.loads((tmp_path / "runs" / "sweep-quick" / "sweep.json").read_text())["data"] == "abc"
