import threading
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import model_store
from core.errors import ModelError
from core.explain import neutral_faces
from core.faces.landmarker import CropMesh
from core.faces.mesh_topology import MOVEMENT_NAMES
from core.features import FEATURES
from core.inference import artifact, installed
from core.inference.artifact import Artifact
from core.runtime import assets
from webapp.charts import why as charts_why
from webapp.ui.shared import engine, why

HOME = Path(engine.__file__).parents[1] / "Home.py"


@pytest.fixture
def page(recognizer, pictures, monkeypatch):
    """The photo page after one picture, read by the stand-in, with the quick model behind the windows."""
    st.cache_resource.clear()
    st.cache_data.clear()
    recognizer.artifact = Artifact(model_store.folder_of("quick"))
    recognizer.answer = lambda faces: [recognizer._reading(0, 60) for _ in faces]
    monkeypatch.setattr(engine, "Recognizer", lambda model: recognizer)
    monkeypatch.setattr(assets, "find", lambda asset: None)
    app = AppTest.from_file(HOME, default_timeout=60).run()
    app.file_uploader[0].set_value([("one.png", pictures[1], "image/png")])
    return app.run()


@pytest.fixture
def seen(page, monkeypatch):
    """Let the mesh be seen with one blendshape changed against a neutral face: `seen(mouthSmileLeft=0.82)`."""

    def see(**changed):
        values = [changed.get(name, neutral_faces()[name].mean) for name in MOVEMENT_NAMES]
        mesh = CropMesh(np.zeros((478, 3), np.float32), np.array(values, np.float32))
        monkeypatch.setattr(assets, "find", lambda asset: "here")
        monkeypatch.setattr(why, "mesh_of", lambda crop: mesh)

    return see


def ask(page, label):
    (button,) = (button for button in page.button if button.label == label)
    return button.click().run()


def texts(elements):
    return [element.value for element in elements]


def test_why_shows_the_map_and_says_what_it_means(page):
    ask(page, "Why?")
    assert not page.exception
    assert any("the more **happy** rests on it" in text for text in texts(page.markdown))
    assert any("python -m core fetch" in text for text in texts(page.caption))


@pytest.fixture
def page_with_baseline(page, pictures):
    page.file_uploader[1].set_value(("rest.png", pictures[1], "image/png"))
    return page.run()


def test_why_with_a_baseline_says_what_the_plain_answer_is(page_with_baseline):
    app = ask(page_with_baseline, "Why?")
    assert not app.exception
    assert any("the more **sad** rests on it" in text for text in texts(app.markdown))
    assert any("says **happy 94 %** of this face" in text for text in texts(app.caption))


def test_why_without_a_baseline_says_nothing_of_one(page):
    assert not any("baseline" in text for text in texts(ask(page, "Why?").caption) if "one person" not in text)


def test_all_models_are_asked_plainly(page_with_baseline):
    app = ask(page_with_baseline, "All models")
    assert any("These are plain answers" in text for text in texts(app.caption))


def test_why_tells_what_stands_out(page, seen):
    seen(mouthSmileLeft=0.82)
    ask(page, "Why?")
    assert any("- mouth smile left 0.82 :gray[(neutral faces 0.04)]" in text for text in texts(page.markdown))


def test_why_of_a_face_at_rest(page, seen):
    seen()
    ask(page, "Why?")
    assert any("close to neutral" in text for text in texts(page.caption))


def test_why_of_a_face_without_a_mesh(page, seen, monkeypatch):
    seen()
    monkeypatch.setattr(why, "mesh_of", lambda crop: None)
    ask(page, "Why?")
    assert any("could not be found" in text for text in texts(page.caption))


def test_why_of_a_model_that_sees_no_pixels(page, recognizer):
    recognizer.artifact.feature = FEATURES["mesh"]
    ask(page, "Why?")
    assert not page.exception
    assert "and not its pixels" in page.info[0].value


def test_all_models_answer(page, monkeypatch):
    shown, answers = [], charts_why.answers
    monkeypatch.setattr(charts_why, "answers", lambda readings: shown.append(list(readings)) or answers(readings))
    ask(page, "All models")
    assert not page.exception
    assert shown == [list(installed.installed())]


def test_a_model_that_fails_does_not_silence_the_others(page, recognizer, monkeypatch):
    def refuse(model):
        if model == "embedder":
            raise ModelError("it is damaged")
        return recognizer

    monkeypatch.setattr(engine, "recognizer", refuse)
    ask(page, "All models")
    assert texts(page.warning) == ["**embedder**: it is damaged"]
    assert any("not two proofs" in text for text in texts(page.caption))


def test_one_model_alone_has_nobody_to_be_compared_with(page, monkeypatch):
    only = dict(list(installed.installed().items())[:1])
    monkeypatch.setattr(artifact, "installed", lambda: only)
    page.run()
    assert [button.label for button in page.button if button.label in ("Why?", "All models")] == ["Why?"]


@pytest.mark.parametrize(("label", "said"), [("Why?", "rests on it"), ("All models", "not two proofs")])
def test_no_more_are_answered_at_once_than_the_server_bears(page, monkeypatch, label, said):
    seats = threading.BoundedSemaphore(1)
    monkeypatch.setattr(why, "_SEATS", seats)
    monkeypatch.setattr(why, "_PATIENCE_S", 0.05)
    with seats:
        ask(page, label)
        assert ["Too many people" in text for text in texts(page.error)] == [True]
        assert said not in " ".join(texts(page.markdown) + texts(page.caption))
    ask(page, label)
    assert not page.error
    assert said in " ".join(texts(page.markdown) + texts(page.caption))
    assert seats.acquire(blocking=False)


def test_a_seat_is_free_again_after_a_failure(page, monkeypatch):
    def fail(*_):
        raise ModelError("it is damaged")

    seats = threading.BoundedSemaphore(1)
    monkeypatch.setattr(why, "_SEATS", seats)
    monkeypatch.setattr(why, "explain", fail)
    ask(page, "Why?")
    assert texts(page.error) == ["it is damaged"]
    assert seats.acquire(blocking=False)


def test_why_speaks_of_the_model_that_bears_the_name_now(page, recognizer):
    ask(page, "Why?")
    before = next(text for text in texts(page.markdown) if "rests on it" in text)
    recognizer.artifact = Artifact(model_store.folder_of("embedder"))
    ask(page, "Why?")
    assert next(text for text in texts(page.markdown) if "rests on it" in text) != before
