import threading

import numpy as np
import pytest

from core import model_store
from core.errors import ModelError
from core.explain import neutral_faces
from core.faces.mesh_topology import MOVEMENT_NAMES
from core.features import FEATURES
from core.inference import installed
from core.inference.artifact import Artifact
from core.runtime import assets
from webapp.charts import answers
from webapp.ui.shared import engine, why

WHY, ALL = "rests on it", "not two proofs"


@pytest.fixture
def page(recognizer, reading, pictures, monkeypatch, open_page):
    """The photo page after one picture, read by the stand-in, with the quick model behind the windows."""
    recognizer.artifact = Artifact(model_store.folder_of("quick"))
    recognizer.answer = lambda faces: [reading() for _ in faces]
    monkeypatch.setattr(engine, "Recognizer", lambda model, cores: recognizer)
    monkeypatch.setattr(assets, "find", lambda asset: None)
    return open_page("photo").upload(("one.png", pictures[1], "image/png"))


@pytest.fixture
def seen(monkeypatch):
    """Let the mesh be seen with one blendshape changed against a neutral face: `seen(mouthSmileLeft=0.82)`."""

    def see(**changed):
        values = [changed.get(name, neutral_faces()[name].mean) for name in MOVEMENT_NAMES]
        monkeypatch.setattr(assets, "find", lambda asset: "here")
        monkeypatch.setattr(why, "movements_of_crop", lambda crop: np.array(values, np.float32))

    return see


def test_why_shows_the_map_and_says_what_it_means(page):
    page.press("Why?")
    assert page.says("more **happy** rests on it", "markdown")
    assert page.says("python -m core fetch", "caption")
    assert not page.says("Without a baseline", "caption")


def test_with_a_baseline_both_windows_say_what_the_plain_answer_is(page, pictures):
    page.upload(("rest.png", pictures[1], "image/png"), place=1).press("Why?")
    assert page.says("more **sad** rests on it", "markdown")
    assert page.says("**happy, 94%**", "caption")
    assert page.press("All models").says("These are plain answers", "caption")


def test_why_tells_what_differs_from_a_neutral_face(page, seen, monkeypatch):
    seen(mouthSmileLeft=0.82)
    assert page.press("Why?").says("Corner of the mouth raised, left side (0.82; usually 0.05)", "markdown")
    seen()
    assert page.press("Why?").says("close to neutral", "caption")
    monkeypatch.setattr(why, "movements_of_crop", lambda crop: None)
    assert page.press("Why?").says("could not be found", "caption")


def test_why_of_a_model_that_sees_no_pixels(page, recognizer):
    recognizer.artifact.feature = FEATURES["mesh"]
    assert page.press("Why?").says("not its pixels", "info")


def test_all_models_answer_even_if_one_fails(page, recognizer, monkeypatch):
    shown, draw = [], answers.model_bars
    monkeypatch.setattr(answers, "model_bars", lambda readings: shown.append(list(readings)) or draw(readings))

    def refuse(model):
        if model == "embedder":
            raise ModelError("it is damaged")
        return recognizer

    page.press("All models")
    monkeypatch.setattr(engine, "recognizer", refuse)
    page.press("All models")
    assert shown == [list(installed.installed()), [name for name in installed.installed() if name != "embedder"]]
    assert page.texts("warning") == ["**embedder**: it is damaged"]
    assert page.says(ALL, "caption")


def test_one_model_alone_is_not_compared(page, monkeypatch):
    only = dict(list(installed.installed().items())[:1])
    monkeypatch.setattr(installed, "installed", lambda: only)
    page.run()
    assert [button.label for button in page.button if button.label in ("Why?", "All models")] == ["Why?"]


@pytest.mark.parametrize(("label", "words"), [("Why?", WHY), ("All models", ALL)])
def test_no_more_are_answered_at_once_than_the_server_bears(page, monkeypatch, label, words):
    seats = threading.BoundedSemaphore(1)
    monkeypatch.setattr(why, "_SEATS", seats)
    monkeypatch.setattr(why, "_PATIENCE_S", 0.05)
    with seats:
        page.press(label)
        assert page.says("Too many people", "error")
        assert not page.says(words)
    page.press(label)
    assert not page.error
    assert page.says(words)
    assert seats.acquire(blocking=False)


def test_of_many_who_ask_at_once_few_are_answered_and_the_others_are_told_to_try_again(monkeypatch):
    at_once, most, done, told = 0, 0, 0, []
    lock, enough = threading.Lock(), threading.Event()

    def explain_slowly(*_):
        nonlocal at_once, most, done
        with lock:
            at_once += 1
            most = max(most, at_once)
        enough.wait(30)
        with lock:
            at_once, done = at_once - 1, done + 1

    def tell(error):
        told.append(str(error))
        if len(told) == 6:
            enough.set()

    monkeypatch.setattr(why, "_SEATS", threading.BoundedSemaphore(2))
    monkeypatch.setattr(why, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(why, "_places", explain_slowly)
    monkeypatch.setattr(why, "_movements", lambda crop: None)
    monkeypatch.setattr(why, "show_error", tell)
    visitors = [threading.Thread(target=why.reasons, args=(None, "happy", "quick")) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert (most, done) == (2, 2)
    assert told == ["Too many people are asking why right now: close this window and try again in a moment."] * 6


def test_one_answer_takes_a_known_number_of_runs_of_the_model(page, recognizer, monkeypatch):
    asked, predict = [], recognizer.artifact.predict
    monkeypatch.setattr(recognizer.artifact, "predict", lambda values: asked.append(len(values)) or predict(values))
    page.press("Why?")
    assert page.says(WHY)
    assert sorted(asked) == [1, 1, 1, 64]


def test_a_seat_is_free_again_after_a_failure(page, monkeypatch):
    def fail(*_):
        raise ModelError("it is damaged")

    seats = threading.BoundedSemaphore(1)
    monkeypatch.setattr(why, "_SEATS", seats)
    monkeypatch.setattr(why, "explain", fail)
    page.press("Why?")
    assert page.texts("error") == ["it is damaged"]
    assert seats.acquire(blocking=False)


def test_why_speaks_of_the_model_that_bears_the_name_now(page, recognizer):
    page.press("Why?")
    before = next(text for text in page.texts("markdown") if WHY in text)
    recognizer.artifact = Artifact(model_store.folder_of("embedder"))
    page.press("Why?")
    assert next(text for text in page.texts("markdown") if WHY in text) != before
