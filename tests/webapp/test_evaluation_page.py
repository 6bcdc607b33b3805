import time
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.inference import installed
from training.datasets import dataset_hash
from training.datasets.cartoon import write_sample
from training.errors import TrainingError
from training.evaluation.analysis import CACHE
from training.evaluation.measurement import FOLDER, Measurement
from webapp.ui.evaluation import selection

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "webapp" / "Home.py"
VIEWS = ["Accuracy", "Confusion", "Classes", "ROC and precision", "Confidence", "Mistakes", "Robustness"]


@pytest.fixture(scope="module")
def studio_folder(tmp_path_factory):
    """A folder to run the studio in, with a small dataset; what is computed in one test is there in the next."""
    folder = tmp_path_factory.mktemp("studio")
    (folder / "data").mkdir()
    write_sample(folder / "data" / "cartoons.parquet", 140, seed=0)
    return folder


@pytest.fixture
def page(studio_folder, monkeypatch):
    monkeypatch.chdir(studio_folder)
    monkeypatch.setenv("MIEN_MODE", "private")
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    st.cache_resource.clear()
    st.cache_data.clear()
    return AppTest.from_file(HOME, default_timeout=60).run().switch_page("screens/evaluation.py").run()


def ask(page):
    """Have the models asked that have not answered yet."""
    page.button[0].click().run()
    for _ in range(300):
        if not page.run().button:  # neither the offer nor the way to cancel
            return page
        time.sleep(0.2)
    pytest.fail("the models did not answer")


@pytest.fixture
def examined(page):
    """Both models have answered PublicTest."""
    page.multiselect[0].set_value(["quick", "embedder"]).run()
    return ask(page) if labels(page.button) == ["Ask now"] else page


def texts(elements):
    return [element.value for element in elements]


def labels(buttons):
    return [button.label for button in buttons]


def view(page, name):
    page.session_state["evaluation_view"] = name
    page.run()
    assert not page.exception
    assert not page.error
    return page


def test_a_model_is_asked_once_when_somebody_wants_it(page, studio_folder):
    assert not page.tabs
    assert "has not answered these" in " ".join(texts(page.markdown))
    ask(page)
    assert [tab.label for tab in page.tabs] == VIEWS
    (kept,) = (studio_folder / CACHE).iterdir()
    changed = kept.stat().st_mtime_ns
    st.cache_resource.clear()
    assert [tab.label for tab in page.run().tabs] == VIEWS
    assert kept.stat().st_mtime_ns == changed


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_of_two_models(examined, name):
    view(examined, name)
    assert examined.get("plotly_chart") or name in ("Mistakes", "Robustness")


def test_accuracy_and_the_paired_test(examined):
    figures, pairs = (table.value for table in view(examined, "Accuracy").dataframe)
    assert figures["Model"].tolist() == ["quick", "embedder"]
    assert pairs["Models"].tolist() == ["quick and embedder"]
    assert pairs["Verdict"][0] in ("quick is better", "embedder is better", "may be luck")


def test_curves_of_one_class_compare_the_models(examined):
    view(examined, "ROC and precision").selectbox[1].set_value("sad").run()
    assert not examined.exception
    assert len(examined.get("plotly_chart")) == 2


def test_mistakes_are_filtered(examined):
    pictures = [each.proto.body for each in view(examined, "Mistakes").get("html")]
    assert pictures
    assert all(body.count("<img") == 1 and "→" in body for body in pictures)
    examined.selectbox[1].set_value("happy").run()
    examined.selectbox[2].set_value("happy").run()
    assert "**0** mistakes" in " ".join(texts(examined.markdown))


def test_why_a_mistake_was_made(examined):
    view(examined, "Mistakes")
    picture, button = examined.get("html")[0].proto.body, examined.button[0]
    answer = picture.partition("→")[2].partition("<")[0].strip()
    assert labels(examined.button) == ["Why?"] * len(examined.get("html"))
    button.click().run()
    assert not examined.exception
    assert not examined.error
    assert any(f"the more **{answer}** rests on it" in text for text in texts(examined.markdown))


def test_robustness_names_the_command_that_is_missing(examined):
    assert "python -m training robustness quick embedder" in view(examined, "Robustness").info[0].value


def test_private_test_is_never_asked(page, monkeypatch):
    monkeypatch.setattr(selection, "examine", lambda *_: pytest.fail("looked at PrivateTest"))
    page.segmented_control[0].set_value("private-test").run()
    assert not page.exception
    assert not page.button
    assert not page.tabs
    assert "has not been measured on PrivateTest" in page.info[0].value


@pytest.fixture
def measured(page, studio_folder):
    """The stored Report of the default model, as if it had been measured on the cartoons."""
    stored = Measurement.load(ROOT / FOLDER / f"{installed.default_model()}.json")
    own = replace(stored, dataset=dataset_hash(studio_folder / "data" / "cartoons.parquet"))
    path = own.save(studio_folder / FOLDER)
    page.segmented_control[0].set_value("private-test").run()
    yield page, own
    path.unlink()


def test_private_test_shows_what_is_stored_and_says_what_is_not(measured):
    page, own = measured
    assert view(page, "Accuracy").dataframe[0].value["Images"].tolist() == [f"{own.report.n:,}"]
    assert view(page, "Confusion").get("plotly_chart")
    assert len(view(page, "Confidence").get("plotly_chart")) == 2
    for name, what in (("ROC and precision", "Curves"), ("Mistakes", "Mistakes")):
        assert f"{what} are not shown for PrivateTest" in view(page, name).info[0].value
        assert not page.get("plotly_chart")


def test_a_report_of_another_model_file_is_not_shown(measured, studio_folder):
    page, own = measured
    other = replace(own.card, files={"model.tflite": {"sha256": "0" * 64, "bytes": 1}})
    replace(own, card=other).save(studio_folder / FOLDER)
    assert "PrivateTest as it is now" in page.run().info[0].value
    assert not page.tabs


def test_a_failure_is_said_in_a_sentence(page, monkeypatch):
    def fail(*_):
        raise TrainingError("runs/: cannot be written")

    monkeypatch.setattr(selection, "examine", fail)
    page.segmented_control[0].set_value("training").run()
    page.button[0].click().run()
    for _ in range(50):
        if page.run().error:
            break
        time.sleep(0.1)
    assert "cannot be written" in page.error[0].value
    assert labels(page.button) == ["Ask now"]


def test_no_model_chosen(page):
    page.multiselect[0].set_value([]).run()
    assert "Choose one or more models" in page.info[0].value
    assert not page.exception


def test_no_dataset_yet(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page.run()
    assert "no dataset" in page.info[0].value
    assert any("Art. 5(1)(f)" in text for text in texts(page.caption))


def test_strangers_have_no_such_page(monkeypatch):
    monkeypatch.setenv("MIEN_MODE", "public")
    app = AppTest.from_file(HOME, default_timeout=60).run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("screens/evaluation.py")
