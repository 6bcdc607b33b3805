import json
import shutil

import pytest

from core import model_store
from core.inference import installed


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
def page(models, open_page):
    return open_page("models")


def press(page, key):
    page.button(key=key).click()
    return page.run()


def test_each_model_has_a_card_with_its_figures_and_terms(models, page):
    assert page.texts("header") == ["quick", "other"]
    figures = installed.installed()["quick"].metrics["private_test"]
    assert [metric.label for metric in page.metric] == ["Right", "Balanced", "Faces found"]
    assert page.metric[0].value == f"{figures['accuracy'] * 100:.1f}%"
    assert page.says("95% interval", "caption")
    assert page.says("Not measured yet", "caption")
    for words in (
        "Apache-2.0",
        "`theirs.h5`",
        "**FER2013** was gathered",
        "28,709 images",
        "MediaPipe's face detector",
    ):
        assert page.says(words, "markdown"), words
    change(models / "quick", metrics={"private_test": {"accuracy": 0.9}})
    assert not page.run().metric  # a figure without its interval is not shown


def test_make_default(page):
    press(page, "default-other")
    assert installed.default_model() == "other"
    assert page.texts("header") == ["other", "quick"]
    assert page.button(key="delete-other").disabled


def test_a_choice_that_is_gone_is_said(models, page):
    (models / installed.DEFAULT_FILE).write_text("gone\n")
    assert "'gone'" in page.run().warning[0].value


def test_delete_asks_first(models, page):
    press(page, "delete-other")
    press(page, "delete-not")
    assert (models / "other").exists()
    press(page, "delete-other")
    press(page, "delete-confirmed")
    assert not (models / "other").exists()
    assert page.texts("header") == ["quick"]
    assert page.button(key="delete-quick").disabled


def test_the_readme_without_what_hubs_read(models, page):
    press(page, "readme-quick")
    assert any("# quick" in text and "pipeline_tag" not in text for text in page.texts("markdown"))
    (models / "quick" / "README.md").unlink()
    assert press(page, "readme-quick").says("training models --cards", "info")


def test_no_model(models, page):
    shutil.rmtree(models)
    assert page.run().says("No model is installed", "info")
