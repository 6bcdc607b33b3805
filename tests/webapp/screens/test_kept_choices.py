"""What a visitor chose on a page is still chosen when he comes back from another one."""

import shutil
from pathlib import Path

import pytest

from training.datasets.changes import Changes
from training.datasets.index import Rows
from training.evaluation.robustness import FOLDER

ROOT = Path(__file__).resolve().parents[3]
PAGES = {
    ("photo", None): {
        ("checkbox", "Each picture is one face already"): True,
        ("segmented_control", "Where the picture comes from"): "Sample",
        ("segmented_control", "Sample"): "Three faces",
    },
    ("dataset", None): {
        ("segmented_control", "Where it comes from"): "Path",
        ("text_input", "File or folder"): "data/other.zip",
        ("text_input", "FER+ votes, if you have them"): "data/votes.csv",
        ("text_input", "Name"): "mine",
        ("text_input", "Shares of training, public-test and private-test"): "70/20/10",
        ("text_input", "Classes, where their names do not tell"): "Bored=neutral",
        ("text_input", "Person: what stands in a file's name before …"): "_",
        ("text_input", "Column of pictures"): "face",
        ("text_input", "Column of classes"): "mood",
    },
    ("dataset", "Samples"): {("pills", "Class"): "happy", ("pills", "Split"): "training"},
    ("dataset", "Mean faces"): {("pills", "Split"): "training"},
    ("dataset", "Duplicates"): {
        ("toggle", "Across splits"): True,
        ("toggle", "Different labels"): True,
        ("segmented_control", "Kind"): "Look the same",
        ("text_input", "Name of the copy"): "mended",
    },
    ("dataset", "Doubtful labels"): {("segmented_control", "Doubted by"): "quick"},
    ("dataset", "Map"): {
        ("segmented_control", "By"): "pixels",
        ("segmented_control", "Method"): "t-sne",
        ("toggle", "Select with a lasso"): True,
    },
    ("dataset", "Changes"): {("pills", "Show"): "left out"},
    ("evaluation", "Confusion"): {
        ("multiselect", "Models"): ["quick", "embedder"],
        ("segmented_control", "Cells"): "Shares of the row",
    },
    ("evaluation", "Classes"): {("segmented_control", "Measure"): "Recall"},
    ("evaluation", "ROC and precision"): {("selectbox", "Lines"): "sad"},
    ("evaluation", "Mistakes"): {
        ("segmented_control", "Model"): "quick",
        ("segmented_control", "Order"): "worst",
        ("selectbox", "True label"): "sad",
        ("selectbox", "Answer"): "happy",
    },
    ("evaluation", "Robustness"): {("selectbox", "Corruption"): "gaussian_blur"},
    ("training", "New training"): {
        ("selectbox", "Recipe"): "distilled",
        ("selectbox", "Settings"): "tiny",
        ("selectbox", "Start from"): "flagship",
        ("number_input", "Epochs"): 3,
        ("number_input", "Learning rate"): 0.01,
        ("number_input", "Seed"): 7,
        ("selectbox", "Precision"): "mixed_bfloat16",
        ("number_input", "Time limit in minutes"): 5,
        ("text_input", "Name of the run"): "mine",
    },
    ("training", "All runs"): {
        ("multiselect", "Recipe"): ["quick"],
        ("multiselect", "State"): ["finished"],
        ("multiselect", "Runs to show"): "all",
        ("multiselect", "Dataset"): ["cartoons.parquet"],
    },
}
"""By page and view: the controls that are set, one after the other, and to what."""


@pytest.fixture(scope="module")
def studio_folder(logged):
    """A folder with a dataset, a change to it, and runs; what is computed in one test is there in the next."""
    shutil.copytree(ROOT / FOLDER, logged / FOLDER)
    Changes(Rows.load(logged / "data" / "cartoons.parquet")).exclude([3])
    return logged


@pytest.fixture
def open_view(studio_folder, open_page, monkeypatch):
    """Open a view of a page, with two models that have answered the page of evaluation."""
    monkeypatch.chdir(studio_folder)
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def opened(name, view):
        page = open_page(name)
        if name == "evaluation":
            page.multiselect[0].set_value(["embedder", "quick"])
            if page.run().button:
                page.press("Run now").until(lambda page: not page.button)
        if view:
            page.session_state[f"{name}_view"] = view
        return page.run().settled()

    return opened


def choose(page, kind, label, value):
    """Choose a value that is not chosen yet."""
    widget = page.the(kind, label)
    if value == "all":
        value = widget.options
        assert len(value) > 1
    assert widget.value != value
    widget.set_value(value)
    page.run().settled()


@pytest.mark.parametrize(("name", "view"), PAGES, ids=lambda each: each or "form")
def test_a_choice_outlives_a_visit_to_another_page(open_view, name, view):
    page = open_view(name, view)
    for place, value in PAGES[name, view].items():
        choose(page, *place, value)
    chosen = {place: page.the(*place).value for place in PAGES[name, view]}
    page.switch_page("screens/models.py").run()
    page.switch_page(f"screens/{name}.py").run()
    page.settled()
    if view:
        assert page.session_state[f"{name}_view"] == view
    assert {place: page.the(*place).value for place in chosen} == chosen


def test_a_page_of_pictures_outlives_a_visit_to_another_page(open_view, monkeypatch):
    from webapp.ui.shared import picture_wall

    monkeypatch.setattr(picture_wall.paged, "__defaults__", (5,))
    page = open_view("dataset", "Samples")
    page.pagination[0].set_value(3)
    page.run()
    page.switch_page("screens/models.py").run()
    page.switch_page("screens/dataset.py").run()
    assert page.settled().pagination[0].value == 3
