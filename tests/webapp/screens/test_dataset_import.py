import csv
import io
import os
import tomllib
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.datasets import Dataset
from training.datasets.cartoon import write_sample
from webapp.ui.dataset import import_form
from webapp.ui.video import clip

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def page(dataset_page):
    return dataset_page


def test_where_there_is_none_a_sample_can_be_drawn(workplace, page):
    page = page()
    assert page.says("no dataset in **data/** yet", "info")
    page.set("segmented_control", "Where it comes from", "Sample").press("Draw it").settled()
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
    return page.upload((name, data, "text/csv")).press("Import").settled()


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
    return page.run().press("Import").settled()


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
    page = page.press("Import").settled()
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
