"""What `train` and `train --adopt` refuse before they begin; `test_cli.py` has the trainings themselves."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from core.model_store import folder_of
from core.recipes import get_recipe
from training.errors import TrainingError
from training.runs.folder import BEST_HALF, PLAN
from training.workflows.install import check_free
from training.workflows.train import adopt, peak_memory, start_of

QUICK, CNN = get_recipe("quick"), get_recipe("cnn")


@pytest.fixture
def run(tmp_path):
    """A run's folder as another machine leaves it, without its weights."""
    folder = tmp_path / "run"
    folder.mkdir()
    plan = {"recipe": "quick", "settings": asdict(QUICK.settings()), "seed": 0, "precision": "float32"}
    (folder / PLAN).write_text(json.dumps(plan))
    return folder


def bring_home(run, recipe, dataset):
    return adopt(recipe, dataset, run, run.parent / "models" / "home", command="", say=lambda line: None)


def test_a_run_of_another_recipe_is_not_adopted(run, cartoons):
    with pytest.raises(TrainingError, match="of the recipe 'quick', not of 'cnn'"):
        bring_home(run, CNN, cartoons)


def test_a_folder_that_lacks_files_is_not_adopted(run, cartoons, tmp_path):
    with pytest.raises(TrainingError, match=r"history\.csv"):
        bring_home(run, QUICK, cartoons)
    with pytest.raises(TrainingError, match=r"fit\.json"):
        bring_home(tmp_path / "nowhere", QUICK, cartoons)
    assert not (tmp_path / "models").exists()


def test_a_training_begins_from_a_run_or_a_model_of_its_own_recipe(run, monkeypatch):
    monkeypatch.delenv("MIEN_MODELS", raising=False)
    with pytest.raises(TrainingError, match="no weights in it"):
        start_of(str(run), QUICK)
    (run / BEST_HALF).write_bytes(b"weights")
    assert start_of(str(run), QUICK) == run / BEST_HALF
    with pytest.raises(TrainingError, match="not of 'cnn'"):
        start_of(str(run), CNN)
    with pytest.raises(TrainingError, match="made by the recipe 'quick'"):
        start_of("quick", CNN)


@pytest.mark.parametrize("other", [get_recipe("landmark-fusion").trunk.recipe, "distilled"])
def test_a_training_begins_from_a_recipe_that_has_its_trunk(run, other):
    fusion = get_recipe("landmark-fusion")
    with pytest.raises(TrainingError, match="not of 'landmark-fusion'"):
        start_of(str(run), fusion)
    plan = json.loads((run / PLAN).read_text()) | {"recipe": other}
    (run / PLAN).write_text(json.dumps(plan))
    with pytest.raises(TrainingError, match="--half"):
        start_of(str(run), fusion)
    (run / BEST_HALF).write_bytes(b"weights")
    assert start_of(str(run), fusion) == run / BEST_HALF


def test_a_model_of_other_data_is_not_replaced(cartoons, monkeypatch):
    from core.features import FEATURES
    from training.fit.material import load_material

    monkeypatch.delenv("MIEN_MODELS", raising=False)
    with pytest.raises(TrainingError, match=r"made from fer2013\.parquet.*--name"):
        check_free(folder_of("quick"), load_material(FEATURES["pixels"], cartoons))
    check_free(folder_of("quick").parent / "nobody", load_material(FEATURES["pixels"], cartoons))


def test_the_peak_of_memory_stays_after_it_is_freed():
    before = peak_memory()
    held = np.ones((before + 100) * 1_000_000 // 8)  # more than there ever was
    assert before + 90 <= peak_memory() < before * 3 + 300
    del held
    assert peak_memory() >= before + 90
