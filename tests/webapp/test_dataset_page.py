import csv
import io
import os
import time
import tomllib
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.labels import FER7
from training.audit.duplicates import cleaned
from training.datasets import Dataset, Sample, write_dataset
from training.datasets import index as rows_module
from training.datasets.cartoon import draw_sample, write_sample
from webapp.ui.dataset import import_form
from webapp.ui.shared import deployment
from webapp.ui.video import clip

HOME = Path(__file__).parents[2] / "webapp" / "Home.py"
VIEWS = ("Overview", "Samples", "Mean faces", "Light", "Duplicates", "Votes", "Doubtful labels", "Mesh", "Map")


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)  # away from .streamlit/config.toml, which names a private address
    monkeypatch.setenv("MIEN_MODE", "private")
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    monkeypatch.setattr(rows_module, "CACHE", tmp_path / "cache")
    return tmp_path


@pytest.fixture
def with_dataset(workplace):
    """Seventy cartoons, two of which leak into the test splits, and a blank picture; people's votes with them."""
    drawn = list(draw_sample(70))
    first = next(sample for sample in drawn if sample.split == "training")
    leaks = [Sample(first.image, first.label, split, first.votes) for split in ("public-test", "private-test")]
    write_dataset([*drawn, *leaks, Sample(np.zeros((48, 48), np.uint8), 6, "training")], Path("data/made.parquet"))
    return workplace


@pytest.fixture
def page():
    """Open the page as a new visitor."""
    st.cache_resource.clear()
    st.cache_data.clear()

    def opened(view="Overview"):
        app = AppTest.from_file(HOME, default_timeout=60).run()
        app.session_state["dataset_view"] = view
        return settled(app.switch_page("screens/dataset.py").run())

    return opened


def settled(app):
    """The page once nothing is being worked on."""
    deadline = time.monotonic() + 60
    while any("…" in text for text in texts(app.markdown)) or app.get("progress"):
        assert time.monotonic() < deadline, texts(app.markdown)
        time.sleep(0.1)
        app.run()
    return app


def texts(elements):
    return [element.value for element in elements]


def shown(app):
    """All HTML of the page."""
    return " ".join(element.proto.body for element in app.get("html"))


def button(app, label):
    return next(button for button in app.button if button.label == label)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_a_dataset(with_dataset, page, view):
    app = page(view)
    assert not app.exception
    assert not app.error
    assert app.selectbox[0].value == Path("data/made.parquet")


def test_the_overview_counts(with_dataset, page):
    app = page()
    assert {each.label: each.value for each in app.metric} == {
        "Images": "73",
        "Blank": "1",
        "Faces not found": "0",
        "Leaks": "2",
    }
    counts, copies = texts(app.dataframe)
    assert counts.loc["all", "all"] == 73
    assert copies.loc["public-test", "training"] == 1
    assert "row 72" in shown(app)


def test_samples_of_a_class_and_split(with_dataset, page):
    app = page("Samples")
    assert shown(app).count("<img") == 48
    app.pills[0].set_value("happy")
    app.pills[1].set_value("private-test")
    app.run()
    expected = Dataset.load(Path("data/made.parquet"), ["private-test"])
    assert shown(app).count("<img") == (expected.labels == FER7.index("happy")).sum()
    assert "training" not in shown(app)


def test_pages_are_turned(with_dataset, page):
    app = page("Samples")
    app.pagination[0].set_value(2).run()
    assert shown(app).count("<img") == 73 - 48


def test_copies_with_their_pictures_and_a_clean_copy(with_dataset, page):
    app = page("Duplicates")
    assert shown(app).count("<img") == 3
    button(app, "Write a clean copy").click().run()
    assert not app.exception
    assert cleaned(Path("data/made-clean.parquet")).dropped == {"public-test": 1, "private-test": 1}
    assert app.selectbox[0].options == ["made", "made-clean"]
    app.selectbox[0].set_value(Path("data/made-clean.parquet")).run()
    assert any("No test image" in text for text in texts(app.success))


def test_labels_against_votes(with_dataset, page):
    app = page("Votes")
    assert len(app.get("plotly_chart")) == 1
    assert any("have the label that most of ten people chose" in text for text in texts(app.markdown))
    assert "labelled" in shown(app)


def test_without_votes_it_is_said_kindly(workplace, page):
    write_dataset([Sample(np.full((48, 48), i, np.uint8), i % 7, "training") for i in range(9)], Path("data/x.parquet"))
    app = page("Votes")
    assert any("no votes" in text for text in texts(app.info))
    app = page("Doubtful labels")
    assert any("let a model doubt" in text for text in texts(app.info))
    app = page("Mesh")
    assert any("not computed yet" in text for text in texts(app.info))


def test_the_map_by_both_methods(with_dataset, page):
    app = page("Map")
    assert len(app.get("plotly_chart")) == 1
    next(each for each in app.segmented_control if each.label == "Method").set_value("t-sne")
    settled(app.run())
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1


def test_a_dataset_that_cannot_be_used_is_named(with_dataset, page):
    table = pq.read_table("data/made.parquet")
    pq.write_table(table.replace_schema_metadata({"mien": "99"}), "data/made.parquet")
    app = page()
    assert not app.exception
    assert "newer version" in texts(app.error)[0]


def test_where_there_is_none_a_sample_can_be_drawn(workplace, page):
    app = page()
    assert any("no dataset in **data/** yet" in text for text in texts(app.info))
    way(app, "Sample")
    button(app, "Draw it").click().run()
    settled(app)
    assert not app.error
    assert len(Dataset.load(Path("data/sample.parquet"))) == 350
    assert app.selectbox[0].value == Path("data/sample.parquet")


def way(app, name):
    return next(each for each in app.segmented_control if each.label == "Where it comes from").set_value(name).run()


def fer2013(rows=21):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("emotion", "pixels", "Usage"))
    for row in range(rows):
        pixels = np.random.default_rng(row).integers(0, 256, 48 * 48)
        usage = ("Training", "PublicTest", "PrivateTest")[row % 3]
        writer.writerow((row % 7, " ".join(map(str, pixels)), usage))
    return text.getvalue().encode()


def upload(app, name, data):
    app.file_uploader[0].set_value((name, data, "text/csv")).run()
    return settled(button(app, "Import").click().run())


def test_an_upload_is_imported(workplace, page):
    app = upload(page(), "my-faces.csv", fer2013())
    assert not app.exception
    assert not app.error
    assert any("21 images written" in text for text in texts(app.success))
    assert len(Dataset.load(Path("data/my-faces.parquet"))) == 21
    assert app.selectbox[0].value == Path("data/my-faces.parquet")


def zipped(*members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("bomb.zip", lambda: zipped(("fer2013.csv", bytes(60 * 2**20))), "would unpack to"),
        ("outside.zip", lambda: zipped(("../fer2013.csv", fer2013())), "would write outside its folder"),
        ("wide.csv", lambda: ",".join(map(str, range(1_000_000))).encode(), "more than 65,536 characters"),
        ("cut.csv", lambda: fer2013()[:-3000], "row 21"),
        ("notes.csv", lambda: b"a,b\n1,2\n", "not a FER2013 csv"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(workplace, page, name, make, words):
    app = upload(page(), name, make())
    assert not app.exception
    (error,) = texts(app.error)
    assert words in error
    assert error.startswith(name.partition(".")[0])
    assert "mien-" not in error  # the private folder is nobody's business
    assert not list(workplace.rglob("*.parquet"))
    assert button(app, "Import")


def from_path(app, path):
    way(app, "Path")
    app.text_input[0].set_value(str(path)).run()
    return settled(button(app, "Import").click().run())


def test_a_path_under_the_roots_is_imported(workplace, page):
    for label in ("happy", "sad"):
        for number in range(5):
            picture = Path("data/pictures") / label / f"{number}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(picture), np.random.default_rng(number).integers(0, 256, (48, 48), np.uint8))
    app = from_path(page(), "data/pictures")
    assert not app.error
    assert len(Dataset.load(Path("data/pictures.parquet"))) == 10


@pytest.mark.parametrize("path", ["/etc/passwd", "data/../secret.csv", "data/link.csv"])
def test_a_path_outside_is_refused(workplace, page, path):
    Path("data").mkdir()
    Path("secret.csv").write_bytes(fer2013())
    Path("data/link.csv").symlink_to(workplace / "secret.csv")
    app = from_path(page(), path)
    assert not app.exception
    assert "lies outside" in texts(app.error)[0]
    assert not list(workplace.rglob("*.parquet"))


def test_a_name_that_is_taken_is_refused(with_dataset, page):
    app = upload(page(), "made.csv", fer2013())
    assert "exists already" in texts(app.error)[0]
    assert len(Dataset.load(Path("data/made.parquet"))) == 73


def test_datasets_of_other_folders_are_offered_by_their_path(with_dataset, page, monkeypatch):
    write_sample(Path("more/made.parquet"), 7)
    monkeypatch.setenv("MIEN_DATASETS", os.pathsep.join(["more", "nowhere"]))
    assert page().selectbox[0].options == ["data/made.parquet", "more/made.parquet"]


def test_the_server_takes_what_the_uploaders_do():
    """Its own bound stands above theirs: a file between them would be refused without a word of why."""
    config = tomllib.loads((HOME.parents[1] / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] >= max(import_form._LARGEST_MB, *clip._LARGEST.values())


def test_strangers_have_no_such_page(monkeypatch):
    monkeypatch.setenv("MIEN_MODE", "public")
    assert not deployment.allows("Dataset")
