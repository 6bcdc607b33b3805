import csv
import io
import os
import tomllib
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from core.labels import FER7
from training.audit.clean_copy import cleaned
from training.datasets import Dataset, Sample, write_dataset
from training.datasets import index as rows_module
from training.datasets.cartoon import draw_sample, write_sample
from webapp.ui.dataset import import_form
from webapp.ui.video import clip

ROOT = Path(__file__).resolve().parents[3]
VIEWS = ("Overview", "Samples", "Mean faces", "Light", "Duplicates", "Votes", "Doubtful labels", "Mesh", "Map")


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    monkeypatch.setattr(rows_module, "CACHE", tmp_path / "cache")
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Seventy cartoons, two of which leak into the test splits, and a blank picture; people's votes with them."""
    path = tmp_path_factory.mktemp("made") / "made.parquet"
    drawn = list(draw_sample(70))
    first = next(sample for sample in drawn if sample.split == "training")
    leaks = [Sample(first.image, first.label, split, first.votes) for split in ("public-test", "private-test")]
    write_dataset([*drawn, *leaks, Sample(np.zeros((48, 48), np.uint8), 6, "training")], path)
    return path.read_bytes()


@pytest.fixture
def with_dataset(workplace, made):
    Path("data").mkdir()
    Path("data/made.parquet").write_bytes(made)


@pytest.fixture
def page(workplace, open_page):
    """Open the page as a new visitor."""
    return lambda: settled(open_page("dataset"))


def settled(page):
    """The page once nothing is being worked on."""
    return page.until(lambda page: not page.says("…", "markdown") and not page.get("progress"))


def view(page, name):
    page.session_state["dataset_view"] = name
    return settled(page.run())


def test_every_view_of_a_dataset(with_dataset, page):
    page = page()
    for name in VIEWS:
        view(page, name)
        assert not page.error, name
    page.set("segmented_control", "Method", "t-sne")
    assert len(settled(page).charts) == 1
    assert len(view(page, "Votes").charts) == 1
    assert "labelled" in page.pictures


def test_the_overview_counts(with_dataset, page):
    page = page()
    assert [each.value for each in page.metric] == ["73", "1", "0", "2"]  # images, blank, without a face, leaks
    counts, copies = page.texts("dataframe")
    assert counts.loc["all", "all"] == 73
    assert copies.loc["public-test", "training"] == 1
    assert "row 72" in page.pictures


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
    assert not settled(page).error
    page.press("Write a clean copy")
    assert cleaned(Path("data/made-clean.parquet")).dropped == {"public-test": 1, "private-test": 1}
    assert page.selectbox[0].options == ["made", "made-clean"]
    page.selectbox[0].set_value(Path("data/made-clean.parquet"))
    assert page.run().says("No test image", "success")


def test_without_votes_it_is_said(workplace, page):
    write_dataset([Sample(np.full((48, 48), i, np.uint8), i % 7, "training") for i in range(9)], Path("data/x.parquet"))
    page = page()
    for name, words in (("Votes", "no votes"), ("Doubtful labels", "let a model"), ("Mesh", "not computed yet")):
        assert view(page, name).says(words, "info"), name


def test_a_dataset_that_cannot_be_used_is_named(with_dataset, page):
    table = pq.read_table("data/made.parquet")
    pq.write_table(table.replace_schema_metadata({"mien": "99"}), "data/made.parquet")
    assert "newer version" in page().texts("error")[0]


def test_where_there_is_none_a_sample_can_be_drawn(workplace, page):
    page = page()
    assert page.says("no dataset in **data/** yet", "info")
    settled(page.set("segmented_control", "Where it comes from", "Sample").press("Draw it"))
    assert not page.error
    assert len(Dataset.load(Path("data/sample.parquet"))) == 350
    assert page.selectbox[0].value == Path("data/sample.parquet")


def fer2013(rows=21):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("emotion", "pixels", "Usage"))
    for row in range(rows):
        pixels = np.random.default_rng(row).integers(0, 256, 48 * 48)
        usage = ("Training", "PublicTest", "PrivateTest")[row % 3]
        writer.writerow((row % 7, " ".join(map(str, pixels)), usage))
    return text.getvalue().encode()


def import_upload(page, name, data):
    return settled(page.upload((name, data, "text/csv")).press("Import"))


def test_an_upload_is_imported(workplace, page):
    page = import_upload(page(), "my-faces.csv", fer2013())
    assert not page.error
    assert page.says("21 images written", "success")
    assert len(Dataset.load(Path("data/my-faces.parquet"))) == 21
    assert page.selectbox[0].value == Path("data/my-faces.parquet")


def zipped(name, content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def test_what_is_refused_is_said_in_a_sentence(with_dataset, page):
    """What a file may do wrong is checked with the readers; here it is seen that the page says so."""
    page = page()
    for name, data, words in (
        ("outside.zip", zipped("../fer2013.csv", fer2013()), "outside"),
        ("notes.csv", b"a,b\n1,2\n", "FER2013"),
        ("made.csv", fer2013(), "exists already"),
    ):
        (error,) = import_upload(page, name, data).texts("error")[-1:]
        assert words in error
        assert name.partition(".")[0] in error
        assert "mien-" not in error  # the private folder is nobody's business
    assert [path.name for path in Path("data").iterdir()] == ["made.parquet"]


def import_path(page, path):
    page.set("segmented_control", "Where it comes from", "Path").text_input[0].set_value(path)
    return settled(page.run().press("Import"))


def test_a_path_under_the_roots_is_imported_and_one_outside_refused(workplace, page):
    for label in ("happy", "sad"):
        for number in range(5):
            picture = Path("data/pictures") / label / f"{number}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(picture), np.random.default_rng(number).integers(0, 256, (48, 48), np.uint8))
    page = page()
    assert "outside" in import_path(page, "/etc/passwd").texts("error")[0]
    assert not list(workplace.rglob("*.parquet"))
    assert not import_path(page, "data/pictures").error
    assert len(Dataset.load(Path("data/pictures.parquet"))) == 10


def test_classes_and_people_can_be_stated_and_what_was_understood_is_shown(workplace, page):
    for label in ("1", "2", "9"):
        for number in range(6):
            picture = Path("data/pictures") / label / f"{'abc'[number % 3]}_{number}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(picture), np.random.default_rng(number).integers(0, 256, (48, 48), np.uint8))
    page = page()
    page.set("segmented_control", "Where it comes from", "Path").text_input[0].set_value("data/pictures")
    page.set("text_input", "Classes, where their names do not tell", "1=happy, 2=sad, 9=-")
    page.set("text_input", "Person: what stands in a file's name before …", "_")
    page = settled(page.press("Import"))
    assert not page.error
    assert page.says("3, by --person")
    assert page.says("6 of 9")
    rows = Dataset.load(Path("data/pictures.parquet"))
    assert len(rows) == 12
    assert len(set(zip(rows.persons, rows.splits, strict=True))) == 3


def test_datasets_of_other_folders_are_offered_by_their_path(with_dataset, page, monkeypatch):
    write_sample(Path("more/made.parquet"), 7)
    monkeypatch.setenv("MIEN_DATASETS", os.pathsep.join(["more", "nowhere"]))
    assert page().selectbox[0].options == ["data/made.parquet", "more/made.parquet"]


def test_the_server_takes_what_the_uploaders_do():
    """Its own limit must be higher than theirs, or a file in between would be refused without a reason."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] >= max(import_form._LARGEST_MB, *clip._LARGEST.values())
