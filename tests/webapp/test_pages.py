import io
import json
import zipfile
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.errors import AssetError, ModelError
from webapp.ui.photo import downloads, reading
from webapp.ui.photo.sources import Photo
from webapp.ui.shared import engine

HOME = Path(__file__).parents[2] / "webapp" / "Home.py"
PAGES = sorted(path.name for path in (HOME.parent / "screens").glob("*.py"))


@pytest.fixture
def page(monkeypatch):
    """Open a page of the studio as a new visitor who runs it himself."""
    monkeypatch.setenv("MIEN_MODE", "private")
    st.cache_resource.clear()
    st.cache_data.clear()
    app = AppTest.from_file(HOME, default_timeout=60).run()
    return lambda name: app.switch_page(f"screens/{name}").run()


@pytest.fixture
def photo_page(page, recognizer, monkeypatch):
    """The photo page on the stand-in engine."""
    monkeypatch.setattr(engine, "Recognizer", lambda model: recognizer)
    return page("photo.py")


def upload(page, **files):
    page.file_uploader[0].set_value([(f"{name}.png", data, "image/png") for name, data in files.items()])
    return page.run()


def texts(elements):
    return [element.value for element in elements]


@pytest.mark.parametrize("name", PAGES)
def test_a_fresh_page(page, name):
    app = page(name)
    assert not app.exception
    assert not app.error
    assert app.title
    assert any("Art. 5(1)(f)" in text for text in texts(app.caption))


def test_streamlit_takes_no_folder_for_its_pages():
    """It would run the scripts of one named `pages` by themselves, without Home.py."""
    assert not (HOME.parent / "pages").exists()


def test_sample_is_happy(page, detector):
    app = page("photo.py")
    app.segmented_control[0].set_value("Sample").run()
    assert not app.exception
    assert any("happy" in text for text in texts(app.markdown))
    assert len(app.get("plotly_chart")) == 1


def test_one_photo(photo_page, pictures):
    app = upload(photo_page, one=pictures[1])
    assert "**1 happy 94 %**" in texts(app.markdown)
    assert any("Turn to the camera" in text for text in texts(app.caption))
    assert [button.proto.label for button in app.download_button] == ["Picture (PNG)", "CSV", "JSON"]
    assert not app.dataframe


def test_many_photos(photo_page, pictures):
    app = upload(photo_page, one=pictures[1], two=pictures[2], none=pictures[0])
    assert len(app.get("plotly_chart")) == 3
    assert app.dataframe[0].value["Expression"].tolist() == ["happy", "happy", "happy", "no face"]
    assert app.download_button[0].proto.label == "Pictures (zip)"


def test_more_photos_than_a_page_shows(photo_page, pictures):
    app = upload(photo_page, **{f"photo{number}": pictures[1] for number in range(8)})
    assert not app.exception
    assert len(app.subheader) == 6
    app.pagination[0].set_value(2).run()
    assert texts(app.subheader) == ["photo6.png", "photo7.png"]


def test_no_face_is_said_kindly(photo_page, pictures):
    app = upload(photo_page, none=pictures[0])
    assert any("No face was found" in text for text in texts(app.info))
    assert not app.error


def test_an_unreadable_file_is_named_and_the_others_are_read(photo_page, pictures):
    app = upload(photo_page, broken=pictures["broken"], one=pictures[1])
    (error,) = texts(app.error)
    assert "broken.png" in error
    assert not app.exception
    assert "**1 happy 94 %**" in texts(app.markdown)


def test_a_rerun_reads_nothing_again(photo_page, recognizer, pictures):
    app = upload(photo_page, one=pictures[1], two=pictures[2])
    app.run()
    assert recognizer.pictures_read == 2


def give_neutral(page, data, name="rest_1.png"):
    page.file_uploader[1].set_value((name, data, "image/png"))
    return page.run()


def test_a_photo_of_the_neutral_face_makes_a_personal_baseline(photo_page, recognizer, pictures):
    app = give_neutral(upload(photo_page, one=pictures[1], two=pictures[2]), pictures[1])
    assert not app.exception
    assert app.dataframe[0].value["Expression"].tolist() == ["sad"] * 3
    assert any(r"the neutral face in **rest\_1.png**" in text for text in texts(app.caption))
    app.run()
    assert recognizer.baselines_taken == 1


def test_without_the_neutral_photo_the_plain_readings_are_back(photo_page, recognizer, pictures):
    app = give_neutral(upload(photo_page, one=pictures[1]), pictures[1])
    assert "**1 sad 94 %**" in texts(app.markdown)
    app.file_uploader[1].set_value(None)
    app.run()
    assert "**1 happy 94 %**" in texts(app.markdown)
    assert recognizer.pictures_read == 1
    assert not any("the neutral face in" in text for text in texts(app.caption))


@pytest.mark.parametrize("given", [0, "broken"])
def test_a_neutral_photo_that_is_of_no_use_is_named_and_left_out(photo_page, recognizer, pictures, given):
    app = give_neutral(upload(photo_page, one=pictures[1]), pictures[given])
    (warning,) = texts(app.warning)
    assert warning.startswith(r"**rest\_1.png**: ")
    assert warning.endswith("The photos are read without it.")
    assert "**1 happy 94 %**" in texts(app.markdown)
    app.run()
    assert recognizer.baselines_taken == 1
    assert not app.exception
    assert not app.error


def test_a_model_that_takes_no_baseline_says_so_once(photo_page, recognizer, pictures, monkeypatch):
    def refuse(picture):
        raise ModelError("takes no baseline")

    monkeypatch.setattr(recognizer, "with_baseline", refuse)
    app = give_neutral(upload(photo_page, one=pictures[1]), pictures[1])
    assert texts(app.error) == ["takes no baseline"]
    assert not app.exception


def test_the_camera_waits_for_consent(photo_page):
    app = photo_page.segmented_control[0].set_value("Camera").run()
    assert not app.camera_input
    app.checkbox[0].check().run()
    assert app.camera_input


def test_a_missing_file_of_the_engine_is_said_once(photo_page, pictures, monkeypatch):
    def missing(model):
        raise AssetError("the detector is missing")

    monkeypatch.setattr(engine, "Recognizer", missing)
    app = upload(photo_page, one=pictures[1], two=pictures[2])
    assert texts(app.error) == ["the detector is missing"]
    assert not app.exception


def test_no_model(page, only_models, tmp_path):
    only_models(tmp_path)
    app = page("photo.py")
    assert "no model is installed" in app.error[0].value
    assert not app.exception


@pytest.fixture
def results(recognizer, pictures):
    photos = [Photo("same.png", pictures[2]), Photo("same.png", pictures[0])]
    return [reading.Result(photo, recognizer.read_frame(photo.data), b"", ()) for photo in photos]


def test_downloads(results):
    with zipfile.ZipFile(io.BytesIO(downloads.pictures_zip(results))) as archive:
        assert archive.namelist() == ["001-same-mien.png", "002-same-mien.png"]
        assert Image.open(archive.open("001-same-mien.png")).size == (90, 60)
    assert len(downloads.faces_csv(results).splitlines()) == 3
    assert [len(picture["faces"]) for picture in json.loads(downloads.pictures_json(results))] == [2, 0]
