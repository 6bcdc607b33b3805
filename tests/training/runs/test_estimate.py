import json
from dataclasses import asdict, replace

import pytest

from core.cards import Card
from core.recipes import get_recipe
from training.runs.estimate import estimate
from training.runs.folder import PLAN, write_history

QUICK = get_recipe("quick")
SETTINGS = replace(QUICK.settings(), epochs=4)


@pytest.fixture
def run(tmp_path):
    """Make a run folder: a first epoch of 30 seconds and three of ten, unless others are given."""

    def make(name, seconds=(30, 10, 11, 9), backend="tensorflow", **changed):
        folder = tmp_path / name
        folder.mkdir()
        settings = asdict(SETTINGS) | changed
        plan = {"recipe": "quick", "settings": settings, "seed": 0, "precision": "float32", "backend": backend}
        (folder / PLAN).write_text(json.dumps(plan | {"data": {"name": "faces.parquet", "hash": "a"}}))
        write_history(folder, [{"epoch": n, "val_accuracy": 0.5, "seconds": s} for n, s in enumerate(seconds, 1)])
        return folder

    return make


def estimated(folders, images=1000, settings=SETTINGS, **options):
    return estimate(QUICK, settings, images, backend="tensorflow", folders=folders, sizes={"a": 1000}, **options)


def test_an_earlier_run_is_scaled_to_the_images_and_epochs(run):
    folders = [run("one")]
    assert estimated(folders).seconds == 30 + 3 * 10
    assert estimated(folders, images=500).seconds == 30
    assert estimated(folders, settings=replace(SETTINGS, epochs=10)).seconds == 30 + 9 * 10
    assert "one" in estimated(folders).source


def test_the_likest_run_counts_and_not_one_of_another_machine_or_one_that_is_damaged(run, tmp_path):
    elsewhere, other, like = run("elsewhere", (1,), backend="jax"), run("other", (5, 5), mixup=0.5), run("like")
    (tmp_path / "empty").mkdir()
    damaged = run("damaged")
    (damaged / "history.csv").write_text("epoch,seconds\n1,soon\n")
    assert "like" in estimated([elsewhere, other, like, tmp_path / "empty", damaged, tmp_path / "none"]).source
    assert "other" in estimated([elsewhere, other, damaged]).source


def test_an_installed_model_and_then_the_recipe_itself_stand_in(run):
    data = {"fit": {"epochs": 2, "seconds": 100.0, "backend": "tensorflow"}, "training_images": 500}
    card = Card("mine", "quick", "", {}, {}, {}, {}, data=data)
    found = estimated([], cards={"mine": card})
    assert (found.seconds, "mine" in found.source) == (400, True)
    other = replace(card, data=data | {"fit": data["fit"] | {"backend": "jax"}})
    assert estimated([], cards={"mine": other}).seconds == pytest.approx(QUICK.seconds_an_image * 4000)
    assert estimate(replace(QUICK, seconds_an_image=None), SETTINGS, 1000, backend="tensorflow") is None
