import json
import os
import platform
import signal
import sys
import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.inference import installed
from core.recipes import recipes
from training.datasets.cartoon import write_sample
from training.jobs import command_lines, queue
from training.jobs.queue import is_held
from training.runs import mlflow_runs
from training.runs.folder import PLAN, write_history
from training.runs.log import RunLog
from webapp.ui.shared import engine

HOME = Path(engine.__file__).parents[1] / "Home.py"
LONG = [sys.executable, "-c", "import time; print('learning', flush=True); time.sleep(100)"]
ROWS = [
    {"epoch": 1, "loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.25, "seconds": 60},
    {"epoch": 2, "loss": 1.0, "val_loss": 1.5, "val_accuracy": 0.5, "seconds": 60},
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to run the studio in; nothing that it begins outlives the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIEN_MODE", "private")
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    yield tmp_path
    for job in queue.jobs():
        while is_held(job.folder):
            queue.stop(job.folder)
            time.sleep(0.1)


@pytest.fixture
def dataset(here):
    (here / "data").mkdir()
    write_sample(here / "data" / "cartoons.parquet", 35, seed=0)
    return Path("data/cartoons.parquet")


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


def opened():
    """The page as somebody sees it who comes to a studio that was started just now."""
    st.cache_resource.clear()
    st.cache_data.clear()
    page = AppTest.from_file(HOME, default_timeout=60).run().switch_page("screens/training.py").run()
    assert not page.exception
    return page


def texts(elements):
    return [element.value for element in elements]


def labelled(widgets, label):
    return next(widget for widget in widgets if widget.label == label)


def until(page, done):
    deadline = time.monotonic() + 60
    while not done(page.run()):
        assert time.monotonic() < deadline, texts(page.markdown)
        time.sleep(0.1)
    assert not page.exception
    return page


def says(text):
    return lambda page: text in " ".join([*texts(page.markdown), *texts(page.caption)])


def test_without_a_dataset_there_is_nothing_to_learn_from(here):
    page = opened()
    assert "no dataset" in page.info[0].value
    assert not page.error


@pytest.mark.parametrize("name", recipes())
def test_every_setting_of_every_recipe_is_asked_for(dataset, name):
    page = labelled(opened().selectbox, "Recipe").set_value(name).run()
    assert not page.exception
    shown = {each.label for kind in ("selectbox", "number_input", "toggle", "text_input") for each in page.get(kind)}
    wanted = recipes()[name].settings()
    assert {(field[0].upper() + field[1:]).replace("_", " ") for field in vars(wanted)} <= shown


def test_a_setting_is_explained_and_bounded(dataset):
    dropout = labelled(opened().number_input, "Rotation")
    assert dropout.help == "Training jitter: largest turn of the picture, degrees."
    assert (dropout.min, dropout.max) == (0, 180)


def test_a_preset_fills_the_form(dataset):
    page = labelled(opened().selectbox, "Recipe").set_value("mesh-svm").run()
    page = labelled(page.selectbox, "Settings").set_value("seed").run()
    assert labelled(page.number_input, "Components").value == 50
    assert not labelled(page.toggle, "Whiten").value


def test_fine_tuning_has_the_models_own_settings(dataset, commands):
    page = labelled(opened().selectbox, "Recipe").set_value("distilled").run()
    page = labelled(page.selectbox, "Begin from").set_value("flagship").run()
    card = installed.installed()["flagship"]
    assert labelled(page.number_input, "Epochs").value == card.settings["epochs"]
    assert "fine-tune" in page.info[0].value
    labelled(page.button, "Start").click().run()
    assert commands[0][-1]["start"] == "flagship"


def test_a_trunk_brings_what_it_has_learnt_and_not_its_settings(dataset):
    page = labelled(opened().selectbox, "Recipe").set_value("landmark-fusion").run()
    own = labelled(page.number_input, "Epochs").value
    labelled(page.selectbox, "Begin from").set_value("embedder").run()
    assert labelled(page.number_input, "Epochs").value == own != installed.installed()["embedder"].settings["epochs"]


def test_a_training_is_begun_watched_and_stopped(dataset, commands):
    page = opened()
    labelled(page.number_input, "Epochs").set_value(3)
    labelled(page.button, "Start").click().run()
    ((recipe, settings, data, run, options),) = commands
    assert (recipe, settings.epochs, data, run.as_posix()) == ("quick", 3, dataset, "runs/quick-1")
    assert options == {"preset": None, "start": None, "seed": 0, "precision": "float32", "minutes": None}
    until(page, says("learning"))
    run.mkdir()
    (run / PLAN).write_text(json.dumps({"settings": {"epochs": 3}}))
    write_history(run, ROWS)
    page.run()
    assert "Epoch 3 of 3" in page.get("progress")[0].proto.text
    assert len(page.get("plotly_chart")) == 2
    labelled(page.button, "Stop").click()
    until(page, says("was stopped"))
    assert labelled(page.button, "Go on")
    assert labelled(page.text_input, "Name of the run").value == "quick-2"


def test_a_second_one_waits_and_can_be_taken_out(dataset, commands):
    page = opened()
    labelled(page.button, "Start").click().run()
    labelled(page.button, "Add to the queue").click().run()
    assert says("number 1 in the queue")(page)
    labelled(page.button, "Remove").click()
    until(page, says("was stopped"))
    until(page, says("learning"))  # the first goes on
    assert commands[1][3].name == "quick-2"


def test_a_studio_that_is_started_anew_finds_the_job_as_it_is(dataset, commands):
    labelled(opened().button, "Start").click().run()
    page = until(opened(), says("learning"))
    assert labelled(page.button, "Stop")
    (job,) = queue.jobs()
    os.killpg(int((job.folder / queue.LEADER).read_text()), signal.SIGKILL)
    until(page, says("was killed"))
    assert says("was killed")(opened())
    labelled(page.button, "Go on").click().run()
    until(page, says("learning"))


def test_a_failed_job_says_why(dataset):
    queue.submit("Training mine", [sys.executable, "-c", "import sys; sys.exit('error: too few images')"])
    until(opened(), says("failed: too few images"))


@pytest.mark.parametrize(("name", "message"), [("a/b", "plain name"), ("", "plain name"), ("taken", "exists already")])
def test_a_name_that_cannot_be(dataset, commands, name, message):
    Path("runs/taken").mkdir(parents=True)
    page = opened()
    labelled(page.text_input, "Name of the run").set_value(name)
    labelled(page.button, "Start").click().run()
    assert message in page.error[0].value
    assert not commands


def test_weights_from_outside_the_roots_are_refused(dataset, commands):
    page = labelled(opened().selectbox, "Recipe").set_value("transfer-vgg16").run()
    labelled(page.text_input, "Weights").set_value("/etc/passwd")
    labelled(page.button, "Start").click().run()
    assert "refused" in page.error[0].value
    assert not commands


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """A folder with three runs in MLflow: two that are over, and one that was killed."""
    folder = tmp_path_factory.mktemp("logged")
    (folder / "data").mkdir()
    write_sample(folder / "data" / "cartoons.parquet", 35, seed=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        tags = {"mien.dataset.name": "cartoons.parquet"}
        for name, settings in (
            ("one", {"recipe": "quick", "epochs": 2}),
            ("two", {"recipe": "quick", "epochs": 3}),
            ("svm", {"recipe": "mesh-svm"}),
        ):
            run = Path("runs") / name
            with mlflow_runs.claim(run), RunLog(run, name, settings, tags) as log:
                log.is_over = name != "svm"
                if name != "svm":
                    write_history(run, ROWS)
                    log.epochs(ROWS)
    return folder


@pytest.fixture
def table(here, logged, monkeypatch):
    monkeypatch.chdir(logged)
    page = opened()
    page.session_state["training_view"] = "All runs"
    return until(page, lambda page: len(page.dataframe))


def test_all_runs_in_a_table(table):
    rows = table.dataframe[0].value
    assert sorted(rows["Run"]) == ["one", "svm", "two"]
    assert set(rows["State"]) == {"finished", "interrupted"}
    assert rows.set_index("Run")["Accuracy"]["one"] == 50


def test_the_table_is_filtered(table):
    labelled(table.multiselect, "Recipe").set_value(["mesh-svm"])
    assert list(table.run().dataframe[0].value["Run"]) == ["svm"]
    assert "no whole epoch" in " ".join(texts(table.caption))
    labelled(table.multiselect, "State").set_value(["finished"])
    assert not len(table.run().dataframe[0].value)


def test_runs_are_laid_over_each_other(table):
    chosen = labelled(table.multiselect, "Look at")
    chosen.set_value([run for run, name in zip(chosen.options, chosen.options, strict=True) if "svm" not in name])
    table.run()
    assert not table.exception
    assert len(table.get("plotly_chart")) == 2
    differences = table.dataframe[1].value
    assert set(differences.loc["epochs"]) == {"2", "3"}
    assert list(differences.index) == ["epochs"]


def test_a_run_is_installed(table, commands):
    chosen = labelled(table.multiselect, "Look at")
    chosen.set_value([name for name in chosen.options if name.startswith("one")])
    table.run()
    labelled(table.text_input, "Name of the model").set_value("mine")
    labelled(table.button, "Install").click().run()
    ((recipe, data, run, name),) = commands
    assert (recipe, data.name, run.name, name) == ("quick", "cartoons.parquet", "one", "mine")
    for job in queue.jobs():
        queue.stop(job.folder)


def test_a_database_that_cannot_be_read_is_named(here, monkeypatch):
    Path("runs").mkdir()
    Path("runs/mlflow.db").write_text("not a database")
    page = opened()
    page.session_state["training_view"] = "All runs"
    until(page, lambda page: page.error)
    assert "mlflow.db" in page.error[0].value


def test_strangers_do_not_get_the_page(here, monkeypatch):
    monkeypatch.setenv("MIEN_MODE", "public")
    app = AppTest.from_file(HOME, default_timeout=60).run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("screens/training.py")


def test_a_run_of_another_machine_is_brought_home_first(table, monkeypatch):
    monkeypatch.setattr(platform, "node", lambda: "elsewhere")
    assert "bring its folder home" in " ".join(texts(table.run().caption))
