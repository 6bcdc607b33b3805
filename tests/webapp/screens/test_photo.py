import io
import json
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from PIL import Image

from core.errors import AssetError, ModelError
from core.readings import Frame
from webapp.ui.photo import reading, results
from webapp.ui.photo.sources import Photo
from webapp.ui.shared import engine

HAPPY, SAD = "**Face 1: happy, 94%**", "**Face 1: sad, 94%**"


@pytest.fixture
def page(open_page, recognizer, monkeypatch):
    """The photo page on the stand-in engine."""
    monkeypatch.setattr(engine, "Recognizer", lambda model, cores: recognizer)
    return open_page("photo")


def upload(page, **files):
    page.file_uploader[0].set_value([(f"{name}.png", data, "image/png") for name, data in files.items()])
    return page.run()


def give_neutral(page, data, name="rest_1.png"):
    return page.upload((name, data, "image/png"), place=1)


def expressions(page):
    return page.dataframe[0].value["Expression"].tolist()


def test_sample_is_happy(open_page, detector):
    page = open_page("photo")
    page.segmented_control[0].set_value("Sample")
    page.run()
    assert page.says("happy", "markdown")
    assert len(page.charts) == 1


def test_one_photo(page, pictures):
    upload(page, one=pictures[1])
    assert HAPPY in page.texts("markdown")
    assert page.says("Turn to the camera", "caption")
    assert [button.label for button in page.download_button] == ["Picture (PNG)", "CSV", "JSON", "How it was read"]
    assert not page.dataframe


def test_a_picture_that_is_one_face_is_not_searched(page, recognizer, pictures):
    upload(page, none=pictures[0], two=pictures[2])
    assert expressions(page) == ["no face", "happy", "happy"]
    page.checkbox(key="photo_is_face").check()
    page.run()
    assert expressions(page) == ["happy", "happy"]
    page.checkbox(key="photo_is_face").uncheck()
    page.run()
    assert expressions(page) == ["no face", "happy", "happy"]
    assert recognizer.pictures_read == 4


def test_many_photos_of_which_one_cannot_be_read(page, recognizer, pictures):
    upload(page, one=pictures[1], two=pictures[2], none=pictures[0], broken=pictures["broken"])
    assert len(page.charts) == 3
    assert expressions(page) == ["happy", "happy", "happy", "no face"]
    assert page.download_button[0].label == "Pictures (zip)"
    (error,) = page.texts("error")
    assert "broken.png" in error
    page.run()
    assert recognizer.pictures_read == 3  # a rerun reads nothing again


def test_more_photos_than_a_page_shows(page, pictures):
    upload(page, **{f"photo{number}": pictures[1] for number in range(8)})
    assert len(page.header) == 6
    page.pagination[0].set_value(2)
    assert page.run().texts("header") == ["photo6.png", "photo7.png"]


def test_no_face_is_no_error(page, pictures):
    upload(page, none=pictures[0])
    assert page.says("No face was found", "info")
    assert not page.error


def test_a_photo_of_the_neutral_face_makes_a_personal_baseline(page, recognizer, pictures):
    give_neutral(upload(page, one=pictures[1], two=pictures[2]), pictures[1])
    assert expressions(page) == ["sad"] * 3
    assert page.says(r"rest\_1.png", "caption")
    assert recognizer.baselines_taken == 1
    page.upload(None, place=1)
    assert expressions(page) == ["happy"] * 3
    assert not page.says(r"rest\_1.png", "caption")
    assert recognizer.pictures_read == 2


def test_a_neutral_photo_that_clearly_shows_something_else_is_used_only_when_the_viewer_says_so(
    page, recognizer, pictures, monkeypatch
):
    monkeypatch.setattr(type(recognizer), "at_rest", "surprise")
    give_neutral(upload(page, one=pictures[1]), pictures[1])
    assert page.says("looks **surprise, 94%**, not neutral", "warning")
    assert HAPPY in page.texts("markdown")
    page.the("checkbox", "It is this person's neutral face: use it").check()
    assert SAD in page.run().texts("markdown")
    assert page.says("surprise, 94% without the baseline, neutral, 40% with it", "caption")
    assert page.says("Without the baseline: happy, 94%", "caption")


@pytest.mark.parametrize("given", [0, "broken"])
def test_a_neutral_photo_that_is_of_no_use_is_named_and_left_out(page, recognizer, pictures, given):
    give_neutral(upload(page, one=pictures[1]), pictures[given])
    (warning,) = page.texts("warning")
    assert r"rest\_1.png" in warning
    assert HAPPY in page.texts("markdown")
    page.run()
    assert recognizer.baselines_taken == 1
    assert not page.error


def test_a_model_that_takes_no_baseline_says_so_once(page, recognizer, pictures, monkeypatch):
    def refuse(picture):
        raise ModelError("takes no baseline")

    monkeypatch.setattr(recognizer, "with_baseline", refuse)
    give_neutral(upload(page, one=pictures[1]), pictures[1])
    assert page.texts("error") == ["takes no baseline"]


def test_the_camera_waits_for_consent(page):
    page.segmented_control[0].set_value("Camera")
    assert not page.run().camera_input
    page.checkbox[0].check()
    assert page.run().camera_input


def test_a_missing_file_of_the_engine_is_said_once(page, pictures, monkeypatch):
    def missing(model, cores):
        raise AssetError("the detector is missing")

    monkeypatch.setattr(engine, "Recognizer", missing)
    upload(page, one=pictures[1], two=pictures[2])
    assert page.texts("error") == ["the detector is missing"]


def test_no_model(open_page, only_models, tmp_path):
    only_models(tmp_path)
    assert "no model" in open_page("photo").error[0].value


def test_strangers_bring_a_limited_number_of_photos(open_page, monkeypatch, recognizer, pictures):
    monkeypatch.setattr(engine, "Recognizer", lambda model, cores: recognizer)
    page = upload(open_page("photo", mode="public"), **{f"photo{number}": pictures[1] for number in range(25)})
    assert page.says("first 20 photos", "warning")
    assert len(page.dataframe[0].value) == 20


def test_downloads(recognizer, pictures, monkeypatch):
    monkeypatch.setattr(engine, "recognizer", lambda model: recognizer)
    photos = [Photo("same.png", pictures[2]), Photo("same.png", pictures[0])]
    read = [reading.Result(photo, recognizer.read_frame(photo.data), b"", ()) for photo in photos]
    made_by = results.provenance(read, "m", "crop", None)
    with zipfile.ZipFile(io.BytesIO(results.pictures_zip(read, made_by))) as archive:
        assert archive.namelist() == ["001-same-mien.png", "002-same-mien.png"]
        assert Image.open(archive.open("001-same-mien.png")).size == (90, 60)
        note = json.loads(Image.open(archive.open("001-same-mien.png")).text["mien"])
    table = pd.read_csv(io.StringIO(results.faces_csv(read)))
    assert table["face"].tolist()[:2] == [1, 2]
    assert table.loc[2].drop("path").isna().all()  # the photo without a face
    assert table.loc[0, "hints"] == "; ".join(read[0].frame.readings[0].face.quality.hints)
    told = json.loads(results.pictures_json(read, made_by))
    assert [len(picture["faces"]) for picture in told["pictures"]] == [2, 0]
    assert told["made_by"] == note == made_by.facts()
    assert (made_by.model, made_by.search, made_by.baseline) == ("m", "crop", None)


def test_files_and_page_say_the_same_of_an_unsure_face(page, recognizer, pictures, monkeypatch):
    (doubtful,) = recognizer.read_frame(pictures[1]).readings
    answer = replace(doubtful.answer, unsure_below=0.99)
    frame = Frame(60, 60, (replace(doubtful, answers={"fer7": answer}),))
    monkeypatch.setattr(recognizer, "read_frame", lambda picture: frame)
    upload(page, one=pictures[1], two=pictures[2])
    assert "**Face 1: unsure (perhaps happy, 94%)**" in page.texts("markdown")
    read = [reading.Result(Photo("one.png", pictures[1]), frame, b"", ())]
    table = pd.read_csv(io.StringIO(results.faces_csv(read)))
    (told,) = json.loads(results.pictures_json(read, results.provenance(read, "quick", "thorough", None)))["pictures"]
    assert expressions(page) == ["unsure (perhaps happy, 94%)"] * 2
    assert (table["label"].tolist(), table["unsure"].tolist()) == (["unsure"], [True])
    assert (told["faces"][0]["label"], told["faces"][0]["unsure"]) == ("unsure", True)
    assert page.says("Read by m", "caption")


def test_photos_are_still_there_after_a_visit_to_another_page(page, pictures):
    upload(page, one=pictures[1])
    away_and_back(page)
    assert HAPPY in page.texts("markdown")
    assert page.says("gave before", "caption")
    page.press("Clear")
    assert HAPPY not in page.texts("markdown")
    assert page.says("Drop one or more photos", "info")


def away_and_back(page):
    page.switch_page("screens/models.py").run()
    page.switch_page("screens/photo.py").run()


def test_the_neutral_photo_is_still_there_after_a_visit_to_another_page(page, pictures):
    give_neutral(upload(page, one=pictures[1]), pictures[1])
    assert SAD in page.texts("markdown")
    away_and_back(page)
    assert SAD in page.texts("markdown")
    page.button(key="photo_neutral_clear").click()
    assert HAPPY in page.run().texts("markdown")


def test_the_snapshot_is_still_there_after_a_visit_to_another_page(page, pictures):
    page.segmented_control[0].set_value("Camera")
    page.run().checkbox[0].check()
    page.run().camera_input[0].set_value(("taken.jpg", pictures[1], "image/jpeg"))
    assert HAPPY in page.run().texts("markdown")
    away_and_back(page)
    assert not page.camera_input  # it opens with consent only, each time
    assert HAPPY in page.texts("markdown")
    page.press("Clear")
    assert HAPPY not in page.texts("markdown")
