import json
import os
import platform
import signal
import sys
import time
from pathlib import Path

import pytest

from core.inference import installed
from core.recipes import recipes
from training.datasets.cartoon import write_sample
from training.jobs import command_lines, queue
from training.jobs.queue import is_held
from training.runs.folder import PLAN, write_history

LONG = [sys.executable, "-c", "import time; print('learning', flush=True); time.sleep(100)"]
EPOCHS = [
    {"epoch": 1, "loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.25, "seconds": 60},
    {"epoch": 2, "loss": 1.0, "val_loss": 1.5, "val_accuracy": 0.5, "seconds": 60},
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to run the studio in; no job that a test starts outlives it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    yield tmp_path
    for job in queue.jobs():
        while is_held(job.folder):
            queue.stop(job.folder)
            time.sleep(0.1)


@pytest.fixture
def page(here, open_page):
    (here / "data").mkdir()
    write_sample(here / "data" / "cartoons.parquet", 35, seed=0)
    return open_page("training")


@pytest.fixture
def commands(monkeypatch):
    """What the page asks for; in its place something long is done."""
    asked = []

    def train(recipe, settings, data, run, **options):
        asked.append((recipe.name, settings, data, run, options))
        return LONG

    monkeypatch.setattr(command_lines, "train", train)
    monkeypatch.setattr(command_lines, "adopt", lambda *arguments: asked.append(arguments) or LONG)
    return asked


def says(text):
    return lambda page: page.says(text, "markdown", "caption")


def test_without_a_dataset_there_is_nothing_to_learn_from(here, open_page):
    page = open_page("training")
    assert "no dataset" in page.info[0].value
    assert not page.error
    assert not page.selectbox  # the notice has the width of the page, not that of a field


def test_every_setting_of_every_recipe_is_asked_for(page):
    for name, recipe in recipes().items():
        page.set("selectbox", "Recipe", name)
        shown = {
            each.label for kind in ("selectbox", "number_input", "toggle", "text_input") for each in page.get(kind)
        }
        assert {(field[0].upper() + field[1:]).replace("_", " ") for field in vars(recipe.settings())} <= shown, name


def test_a_setting_is_explained_and_bounded(page):
    rotation = page.the("number_input", "Rotation")
    assert "degrees" in rotation.help
    assert (rotation.min, rotation.max) == (0, 180)


def test_a_preset_fills_the_form(page):
    page.set("selectbox", "Recipe", "mesh-svm").set("selectbox", "Settings", "seed")
    assert page.the("number_input", "Components").value == 50
    assert not page.the("toggle", "Whiten").value


def test_fine_tuning_has_the_models_own_settings(page, commands):
    page.set("selectbox", "Recipe", "distilled").set("selectbox", "Start from", "flagship")
    assert page.the("number_input", "Epochs").value == installed.installed()["flagship"].settings["epochs"]
    assert page.says("Fine-tuning", "info")
    page.press("Start")
    assert commands[0][-1]["start"] == "flagship"


def test_a_trunk_brings_what_it_has_learnt_and_not_its_settings(page):
    own = page.set("selectbox", "Recipe", "landmark-fusion").the("number_input", "Epochs").value
    page.set("selectbox", "Start from", "embedder")
    assert page.the("number_input", "Epochs").value == own != installed.installed()["embedder"].settings["epochs"]


def test_a_training_is_started_watched_and_stopped_while_another_waits(page, commands):
    page.set("number_input", "Epochs", 3).press("Start")
    ((recipe, settings, data, run, options),) = commands
    assert (recipe, settings.epochs, data.name, run.as_posix()) == ("quick", 3, "cartoons.parquet", "runs/quick-1")
    assert options == {"preset": None, "start": None, "seed": 0, "precision": "float32", "minutes": None}
    page.until(says("learning")).press("Add to the queue")
    assert commands[1][3].name == "quick-2"
    assert says("number 1 in the queue")(page)
    page.press("Remove").until(says("was stopped"))
    assert page.run().the("button", "Stop")  # the first one goes on
    run.mkdir()
    (run / PLAN).write_text(json.dumps({"settings": {"epochs": 3}}))
    write_history(run, EPOCHS)
    page.until(lambda page: page.get("progress"))
    assert "Epoch 3 of 3" in page.get("progress")[0].text
    assert len(page.charts) == 2
    page.press("Stop").until(lambda page: len([each for each in page.button if each.label == "Resume"]) == 2)
    assert page.the("text_input", "Name of the run").value == "quick-3"


def test_a_studio_that_is_restarted_finds_the_job_as_it_is(page, commands, open_page):
    page.press("Start")
    page = open_page("training").until(says("learning"))
    assert page.the("button", "Stop")
    (job,) = queue.jobs()
    os.killpg(int((job.folder / queue.LEADER).read_text()), signal.SIGKILL)
    page.until(says("was killed"))
    page.press("Resume").until(says("learning"))


def test_a_finished_run_says_what_came_of_it_and_what_can_be_done_next(page, commands):
    run, brief = Path("runs/quick-1"), [sys.executable, "-c", ""]
    run.mkdir(parents=True)
    plan = {"recipe": "quick", "settings": {}, "seed": 0, "precision": "float32", "data": {"name": "cartoons.parquet"}}
    (run / PLAN).write_text(json.dumps(plan))
    write_history(run, EPOCHS)
    queue.submit("Training quick-1", brief, run)
    page.until(says("is done: **50.0%** right on public-test, in epoch 2"))
    assert not any(each.label == "Try on a photo" for each in page.button)
    page.press("Open run")
    assert page.session_state["training_view"] == "All runs"
    page.press("Install")
    (asked,) = commands
    assert (asked[0], asked[2], asked[3]) == ("quick", run, "quick-1")
    assert queue.jobs()[-1].model == "quick-1"
    queue.submit("Installing", brief, run.resolve(), model="flagship")  # as if that were the model's name
    queue.stop(queue.folders()[1])
    page.until(lambda page: any(each.label == "Try on a photo" for each in page.button)).press("Try on a photo")
    assert page.title[0].value == "Photo"
    assert page.the("selectbox", "Model").value == "flagship"


def test_how_long_it_takes_is_said_before_and_where_that_is_known_from(page):
    assert page.says("judging by the recipe's own figure", "markdown")
    page.set("selectbox", "Recipe", "embedding-mlp")
    assert page.says("judging by the model embedding-mlp", "markdown")
    page.set("selectbox", "Recipe", "transfer-vgg16")
    assert page.says("Nobody has timed", "markdown")


def test_a_failed_job_says_why(page):
    queue.submit("Training mine", [sys.executable, "-c", "import sys; sys.exit('error: too few images')"])
    page.until(says("too few images"))


@pytest.mark.parametrize(("name", "words"), [("a/b", "plain name"), ("", "plain name"), ("taken", "exists already")])
def test_a_name_that_cannot_be(page, commands, name, words):
    Path("runs/taken").mkdir(parents=True)
    page.set("text_input", "Name of the run", name).press("Start")
    assert words in page.error[0].value
    assert not commands


def test_weights_from_outside_the_roots_are_refused(page, commands):
    page.set("selectbox", "Recipe", "transfer-vgg16").set("text_input", "Weights", "/etc/passwd").press("Start")
    assert "refused" in page.error[0].value
    assert not commands


@pytest.fixture
def table(here, logged, open_page, monkeypatch):
    monkeypatch.chdir(logged)
    page = open_page("training")
    page.session_state["training_view"] = "All runs"
    return page.until(lambda page: len(page.dataframe))


def test_all_runs_in_a_table_that_is_filtered(table):
    rows = table.dataframe[0].value
    assert sorted(rows["Run"]) == ["one", "svm", "two"]
    assert set(rows["State"]) == {"finished", "stopped"}
    assert rows.set_index("Run")["Accuracy"]["one"] == 50
    table.set("multiselect", "Recipe", ["mesh-svm"])
    assert list(table.dataframe[0].value["Run"]) == ["svm"]
    assert table.says("no complete epoch", "caption")
    table.set("multiselect", "State", ["finished"])
    assert not len(table.dataframe[0].value)


def test_runs_are_compared_and_one_is_installed(table, commands, monkeypatch):
    options = table.the("multiselect", "Runs to show").options
    table.set("multiselect", "Runs to show", [name for name in options if "svm" not in name])
    assert len(table.charts) == 2
    differences = table.dataframe[1].value
    assert list(differences.index) == ["epochs"]
    assert set(differences.loc["epochs"]) == {"2", "3"}
    table.set("multiselect", "Runs to show", [name for name in options if name.startswith("one")])
    with monkeypatch.context() as patch:
        patch.setattr(platform, "node", lambda: "elsewhere")
        assert table.run().says("copy its folder to this machine", "caption")
    table.run().set("text_input", "Name of the model", "mine").press("Install")
    ((recipe, data, run, name),) = commands
    assert (recipe, data.name, run.name, name) == ("quick", "cartoons.parquet", "one", "mine")


def test_a_database_that_cannot_be_read_is_named(page):
    Path("runs").mkdir()
    Path("runs/mlflow.db").write_text("not a database")
    page.session_state["training_view"] = "All runs"
    page.until(lambda page: page.error)
    assert "mlflow.db" in page.error[0].value
