import json
import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import model_store
from core.inference import installed
from webapp.ui import models as models_card

HOME = Path(models_card.__file__).parents[1] / "Home.py"


@pytest.fixture
def models(tmp_path, only_models):
    """A models folder with a copy of quick and, named other, an unmeasured one that was adopted."""
    source = model_store.folder_of("quick")
    for name in ("quick", "other"):
        shutil.copytree(source, tmp_path / "models" / name)
    change(tmp_path / "models" / "other", name="other", metrics={}, data={"source": {"name": "theirs.h5"}})
    only_models(tmp_path / "models")
    return tmp_path / "models"


def change(folder, **fields):
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


@pytest.fixture
def page(models):
    st.cache_resource.clear()
    return AppTest.from_file(HOME, default_timeout=60).run().switch_page("screens/models.py").run()


def texts(elements):
    return [element.value for element in elements]


def test_each_model_has_a_card_with_its_figures(page):
    assert not page.exception
    assert texts(page.subheader) == ["quick", "other"]
    assert [metric.label for metric in page.metric] == ["Right", "Balanced", "Faces found"]
    figures = installed.installed()["quick"].metrics["private_test"]
    assert page.metric[0].value == f"{figures['accuracy'] * 100:.1f} %"
    assert any("95 % interval" in text for text in texts(page.caption))
    assert any("Not measured yet" in text for text in texts(page.caption))


def test_whose_the_model_and_its_data_are(page):
    written = "\n".join(texts(page.markdown))
    assert "**The model** is under Apache-2.0" in written
    assert "adopted from `theirs.h5`" in written
    assert "**FER2013** was gathered" in written
    assert "28,709 images" in written
    assert "MediaPipe's face detector (Google, Apache-2.0)" in written


def test_a_figure_that_lacks_its_interval_is_no_figure(models, page):
    change(models / "quick", metrics={"private_test": {"accuracy": 0.9}})
    page.run()
    assert not page.exception
    assert not page.metric


def test_make_default(page):
    page.button(key="default-other").click().run()
    assert installed.default_model() == "other"
    assert texts(page.subheader) == ["other", "quick"]
    assert page.button(key="delete-other").disabled


def test_a_choice_that_is_gone_is_said(models, page):
    (models / installed.DEFAULT_FILE).write_text("gone\n")
    page.run()
    assert "'gone', cannot be used; quick takes its place" in page.warning[0].value


def test_delete_asks_first(models, page):
    page.button(key="delete-other").click().run()
    assert any("goes for good" in text for text in texts(page.markdown))
    assert (models / "other").exists()
    page.button(key="delete-for-good").click().run()
    assert not (models / "other").exists()
    assert texts(page.subheader) == ["quick"]
    assert page.button(key="delete-quick").disabled


def test_a_model_can_be_kept_after_all(models, page):
    page.button(key="delete-other").click().run()
    page.button(key="delete-not").click().run()
    assert (models / "other").exists()


def test_the_readme_without_what_hubs_read(page):
    page.button(key="readme-quick").click().run()
    assert any("# quick" in text and "pipeline_tag" not in text for text in texts(page.markdown))


def test_a_model_without_a_readme(models, page):
    (models / "quick" / "README.md").unlink()
    page.button(key="readme-quick").click().run()
    assert "training models --cards" in page.info[0].value


def test_no_model(models, page):
    shutil.rmtree(models)
    page.run()
    assert not page.exception
    assert "No model is installed" in page.info[0].value


def test_strangers_do_not_get_the_page(models, monkeypatch):
    monkeypatch.setenv("MIEN_MODE", "public")
    app = AppTest.from_file(HOME, default_timeout=60).run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("screens/models.py")
