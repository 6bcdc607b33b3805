import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st

from core.inference import installed
from training.datasets import dataset_hash
from training.errors import TrainingError
from training.evaluation.analysis import CACHE
from training.evaluation.measurement import FOLDER, Measurement
from webapp.ui.evaluation import selection

ROOT = Path(__file__).resolve().parents[3]
VIEWS = ["Accuracy", "Confusion", "Classes", "ROC and precision", "Confidence", "Mistakes", "Robustness"]


@pytest.fixture(scope="module")
def studio_folder(tmp_path_factory, cartoons):
    """A folder to run the studio in, with a small dataset; what is computed in one test is there in the next."""
    folder = tmp_path_factory.mktemp("studio")
    (folder / "data").mkdir()
    shutil.copy(cartoons, folder / "data")
    return folder


@pytest.fixture
def page(studio_folder, open_page, monkeypatch):
    monkeypatch.chdir(studio_folder)
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    return open_page("evaluation")


def ask(page):
    """Have the models asked that have not answered yet."""
    page.press("Run now")
    return page.until(lambda page: not page.button)  # neither the offer nor the way to cancel


@pytest.fixture
def examined(page):
    """Both models have answered PublicTest."""
    page.multiselect[0].set_value(["quick", "embedder"])
    return ask(page) if page.run().button else page


def view(page, name):
    page.session_state["evaluation_view"] = name
    page.run()
    assert not page.error
    return page


def tabs(page):
    return [tab.label for tab in page.tabs]


def test_a_model_is_asked_once_when_somebody_wants_it(page, studio_folder):
    assert not page.tabs
    assert page.says("has not been run on these", "markdown")
    ask(page)
    assert tabs(page) == VIEWS
    (kept,) = (studio_folder / CACHE).iterdir()
    changed = kept.stat().st_mtime_ns
    st.cache_resource.clear()
    assert tabs(page.run()) == VIEWS
    assert kept.stat().st_mtime_ns == changed


def test_every_view_of_two_models(examined):
    for name in VIEWS:
        view(examined, name)
        assert examined.charts or name in ("Mistakes", "Robustness"), name
    assert "python -m training robustness quick embedder" in examined.info[0].value
    figures, pairs = examined_tables(view(examined, "Accuracy"))
    assert figures["Model"].tolist() == ["quick", "embedder"]
    assert pairs["Models"].tolist() == ["quick and embedder"]
    view(examined, "ROC and precision").selectbox[1].set_value("sad")
    assert len(examined.run().charts) == 2


def examined_tables(page):
    return [table.value for table in page.dataframe]


def test_mistakes_are_filtered_and_explained(examined, detector):
    walls = [each for each in view(examined, "Mistakes").texts("html") if "<style>" not in each]
    assert walls
    assert all(wall.count("<img") == 1 and "→" in wall for wall in walls)
    answer = walls[0].partition("→")[2].partition("<")[0].strip()
    assert [button.label for button in examined.button] == ["Why?"] * len(walls)
    examined.press("Why?")
    assert not examined.texts("error")
    assert examined.says(f"more **{answer}** rests on it", "markdown")
    examined.selectbox[1].set_value("happy")
    examined.selectbox[2].set_value("happy")
    assert examined.run().says("**0** mistakes", "markdown")


def test_private_test_is_never_asked(page, monkeypatch):
    monkeypatch.setattr(selection, "analyse", lambda *_: pytest.fail("looked at PrivateTest"))
    page.segmented_control[0].set_value("private-test")
    page.run()
    assert not page.button
    assert not page.tabs
    assert "not been measured on private-test" in page.info[0].value


@pytest.fixture
def measured(page, studio_folder):
    """The stored Report of the default model, as if it had been measured on the cartoons."""
    stored = Measurement.load(ROOT / FOLDER / f"{installed.default_model()}.json")
    own = replace(stored, dataset=dataset_hash(studio_folder / "data" / "cartoons.parquet"))
    path = own.save(studio_folder / FOLDER)
    page.segmented_control[0].set_value("private-test")
    yield page.run(), own
    path.unlink()


def test_private_test_shows_what_is_stored_and_says_what_is_not(measured, studio_folder):
    page, own = measured
    assert view(page, "Accuracy").dataframe[0].value["Images"].tolist() == [f"{own.report.n:,}"]
    assert view(page, "Confusion").charts
    assert len(view(page, "Confidence").charts) == 2
    for name in ("ROC and precision", "Mistakes"):
        assert "hidden on private-test" in view(page, name).info[0].value
        assert not page.charts
    other = replace(own.card, files={"model.tflite": {"sha256": "0" * 64, "bytes": 1}})
    replace(own, card=other).save(studio_folder / FOLDER)
    assert "as it is now" in page.run().info[0].value
    assert not page.tabs


def test_a_failure_is_said_in_a_sentence(page, monkeypatch):
    def fail(*_):
        raise TrainingError("runs/: cannot be written")

    monkeypatch.setattr(selection, "analyse", fail)
    page.segmented_control[0].set_value("training")
    page.run().press("Run now").until(lambda page: page.error)
    assert "cannot be written" in page.error[0].value
    assert page.the("button", "Run now")


def test_no_model_chosen_and_no_dataset_yet(page, tmp_path, monkeypatch):
    page.multiselect[0].set_value([])
    assert page.run().says("Choose one or more models", "info")
    monkeypatch.chdir(tmp_path)
    assert page.run().says("no dataset", "info")
