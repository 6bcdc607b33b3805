from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import streamlit as st

from core.labels import FER7
from training.audit import projection
from training.audit.clean_copy import cleaned
from training.datasets import Dataset, Sample, write_dataset
from training.datasets.cartoon import write_sample
from training.datasets.changes import Change, Changes
from training.datasets.index import Rows
from webapp.ui.shared import engine, picture_wall, why

ROOT = Path(__file__).resolve().parents[3]
VIEWS = (
    "Overview",
    "Samples",
    "Mean faces",
    "Light",
    "Duplicates",
    "Votes",
    "Doubtful labels",
    "Mesh",
    "Map",
    "Changes",
)


@pytest.fixture
def page(dataset_page):
    return dataset_page


def view(page, name):
    page.session_state["dataset_view"] = name
    return page.run().settled()


def test_every_view_of_a_dataset(with_dataset, page):
    page = page()
    for name in VIEWS:
        view(page, name)
        assert not page.error, name
    view(page, "Map").set("segmented_control", "By", "pixels")
    page.set("segmented_control", "Method", "t-sne").settled()
    assert len(page.settled().charts) == 1
    assert len(view(page, "Votes").charts) == 1
    assert "labelled" in page.pictures


def test_the_overview_counts(with_dataset, page):
    page = page()
    assert [each.value for each in page.metric] == ["73", "1", "0", "2"]  # images, blank, without a face, leaks
    counts, copies = page.texts("dataframe")
    assert counts.loc["all", "all"] == 73
    assert copies.loc["public-test", "training"] == 1
    assert "row 72" in page.pictures


def test_the_splits_of_fer2013_bear_its_own_names(with_dataset, page):
    Path("data/made.parquet").rename("data/fer2013.parquet")
    page = page()
    counts, copies = page.texts("dataframe")
    assert list(counts.index) == ["Training", "PublicTest", "PrivateTest", "all"]
    assert copies.loc["PublicTest", "Training"] == 1
    assert "PublicTest" in page.charts[0].proto.spec
    page = view(page, "Samples")
    assert page.pills[1].options == ["Training", "PublicTest", "PrivateTest"]
    assert "PublicTest" in page.pictures
    assert "public-test" not in page.pictures


def test_samples_are_paged_and_chosen_by_class_and_split(with_dataset, page):
    page = view(page(), "Samples")
    assert page.pictures.count("<img") == 48
    page.pagination[0].set_value(2)
    assert page.run().pictures.count("<img") == 73 - 48
    page.pills[0].set_value("happy")
    page.pills[1].set_value("private-test")
    page.run()
    expected = Dataset.load(Path("data/made.parquet"), ["private-test"])
    assert page.pictures.count("<img") == (expected.labels == FER7.index("happy")).sum()
    assert "training" not in page.pictures


def test_copies_with_their_pictures_and_a_clean_copy(with_dataset, page):
    page = view(page(), "Duplicates")
    assert page.pictures.count("<img") == 3
    page.set("segmented_control", "Kind", "Look the same")
    assert not page.settled().error
    page.press("Write a clean copy").settled()
    assert cleaned(Path("data/made-clean.parquet")).dropped == {"public-test": 1, "private-test": 1}
    assert page.selectbox[0].options == ["made", "made-clean"]
    page.selectbox[0].set_value(Path("data/made-clean.parquet"))
    assert page.run().says("No test image", "success")


@pytest.fixture
def press(monkeypatch):
    """Press the picture of a row in the next wall that is drawn: `press(5)`."""
    pressed = []
    walls = picture_wall.groups

    def groups(rows, tiles, key=None):
        walls(rows, tiles, key)
        return pressed.pop() if pressed else None

    monkeypatch.setattr(picture_wall, "groups", groups)
    return pressed.append


@pytest.fixture
def open_picture(page, press, recognizer, reading, monkeypatch):
    """The page with the picture of a row opened in a view; the stand-in answers for all models."""
    monkeypatch.setattr(engine, "Recognizer", lambda model, cores: recognizer)
    recognizer.answer = lambda faces: [reading("happy")]
    monkeypatch.setattr(why, "reasons", lambda crop, label, model: st.caption(f"reasons of {model} for {label}"))

    def opened(row, name="Samples"):
        shown = view(page(), name)
        press(row)
        return shown.run().settled()

    return opened


def listed():
    return Changes(Rows.load(Path("data/made.parquet")))


def test_a_picture_opens_with_votes_answers_and_reasons(with_dataset, open_picture, press):
    row = int(Rows.load(Path("data/made.parquet")).where("training")[0])
    page = open_picture(row)
    assert page.says(f"row {row}")
    assert page.says("People say: ")
    assert page.charts
    press(row)  # a window stays open in a browser, where nothing but itself is drawn again
    page.set("toggle", "Why?", True)
    assert page.says("for happy", "caption")


def test_no_model_is_asked_about_private_test(with_dataset, open_picture):
    (row, *_) = Rows.load(Path("data/made.parquet")).where("private-test")
    page = open_picture(int(row))
    assert page.says("Models are not asked", "caption")
    assert not page.charts


def test_what_is_decided_is_kept_at_once_shown_and_undone(with_dataset, open_picture, page, press):
    before = Path("data/made.parquet").read_bytes()
    opened = open_picture(3)
    for widget in (
        ("toggle", "Leave out of clean copies", True),
        ("selectbox", "Label", "sad"),
        ("multiselect", "Tags", ["blurred"]),
    ):
        press(3)
        opened.set(*widget)
    assert listed()[3] == Change(True, "sad", ("blurred",))
    assert Path("data/made.parquet").read_bytes() == before
    again = view(page(), "Changes")
    assert again.says("1 picture changed", "markdown")
    assert "left out" in again.pictures
    assert "#blurred" in again.pictures
    again.press("Undo")
    assert listed()[3].tags == ()
    assert listed()[3].excluded


def test_a_clean_copy_applies_the_list_and_says_so(with_dataset, page):
    listed().exclude([0, 1])
    page = view(page(), "Changes")
    page.set("text_input", "Name of the copy", "mended")
    page.press("Write a clean copy").settled()
    assert sum(cleaned(Path("data/mended.parquet")).excluded.values()) == 2
    assert page.says("by the list of changes", "caption")
    assert "exists already" in page.press("Write a clean copy").settled().error[0].value


def test_a_list_of_another_dataset_is_named(with_dataset, page):
    write_sample(Path("other.parquet"), 14)
    other = Changes(Rows.load(Path("other.parquet")))
    other.exclude([0])
    Path("data/made.changes.csv").write_text(other.text().replace("0,", "1,", 1))
    assert "another dataset" in page().texts("error")[0]


def test_of_many_pages_one_can_be_jumped_to(with_dataset, page, monkeypatch):
    monkeypatch.setattr(picture_wall.paged, "__defaults__", (5,))
    page = view(page(), "Samples")
    assert "row 49" not in page.pictures
    page.set("number_input", "Go to page", 11)
    assert page.pagination[0].value == 11
    assert page.pictures.count("<img") == 5
    assert "row 50" in page.pictures


def test_the_map_opens_on_the_embedders_numbers_after_a_click(with_dataset, page, monkeypatch):
    feature = replace(
        projection.EMBEDDING, compute=lambda crop: crop[0, :8, 0].astype(np.float32), shape=(8,), model_files=()
    )
    monkeypatch.setattr(projection, "EMBEDDING", feature)
    page = view(page(), "Map")
    assert page.says("not computed yet", "info")
    assert not page.charts
    assert len(page.press("Compute them").settled().charts) == 1


def test_without_votes_it_is_said(workplace, page):
    write_dataset([Sample(np.full((48, 48), i, np.uint8), i % 7, "training") for i in range(9)], Path("data/x.parquet"))
    page = page()
    for name, words in (("Votes", "no votes"), ("Doubtful labels", "let a model"), ("Mesh", "not computed yet")):
        assert view(page, name).says(words, "info"), name


def test_a_dataset_that_cannot_be_used_is_named(with_dataset, page):
    table = pq.read_table("data/made.parquet")
    pq.write_table(table.replace_schema_metadata({"mien": "99"}), "data/made.parquet")
    assert "newer version" in page().texts("error")[0]
