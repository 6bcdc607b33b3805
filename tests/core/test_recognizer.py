import io
import os
import pickle
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from core.cards import Output
from core.errors import ImageError, ModelError
from core.features import FEATURES
from core.inference import installed
from core.labels import FER7
from core.readings import Answer, Reading
from core.recognizer import Recognizer
from core.runtime.assets import FACE_LANDMARKER, FACE_MESH

WALL = np.full((60, 80, 3), 120, np.uint8)
SMILE = {"fer7": Answer({label: 0.94 if label == "happy" else 0.01 for label in FER7.labels})}


@pytest.fixture(scope="module")
def recognizer(detector):
    return Recognizer()


def needing_the_mesh_or_not(model, card):
    names = {FACE_MESH: "mesh", FACE_LANDMARKER: "movements"}
    needed = [names[asset] for asset in FEATURES[card.feature["name"]].assets if asset in names]
    return pytest.param(model, marks=pytest.mark.needs(*needed))


@pytest.mark.parametrize("model", [needing_the_mesh_or_not(*each) for each in installed.installed().items()])
def test_the_astronaut_is_happy(detector, model):
    (reading,) = Recognizer(model).read(astronaut())
    assert reading.label == "happy"
    assert reading.confidence > 0.5
    assert sum(reading.probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_bytes_path_and_array_give_the_same(recognizer, tmp_path):
    path = tmp_path / "astronaut.png"
    Image.fromarray(astronaut()).save(path)
    answers = [recognizer.read(source)[0].probabilities for source in (path, str(path), path.read_bytes(), astronaut())]
    assert all(answer == answers[0] for answer in answers)


def test_it_travels_to_another_process_with_its_baseline(recognizer):
    calm = recognizer.with_baseline(astronaut())
    there = pickle.loads(pickle.dumps(calm))
    assert there.read(astronaut()) == calm.read(astronaut())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_reads_too(recognizer):
    here = recognizer.read(astronaut())
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        os._exit(0 if recognizer.read(astronaut()) == here else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("factor", [0.5, 2])
def test_the_label_does_not_depend_on_the_pictures_size(recognizer, factor):
    side = int(512 * factor)
    (reading,) = recognizer.read(np.asarray(Image.fromarray(astronaut()).resize((side, side))))
    assert reading.label == "happy"


def test_no_face_gives_no_reading(recognizer):
    frame = recognizer.read_frame(np.full((30, 40, 3), 99, np.uint8))
    assert frame.readings == ()
    assert (frame.width, frame.height) == (40, 30)


def test_what_is_no_picture_is_an_image_error(recognizer):
    with pytest.raises(ImageError):
        recognizer.read(b"not a picture")


def test_an_unknown_model_is_a_model_error():
    with pytest.raises(ModelError, match="installed are"):
        Recognizer("nope")


def test_threads_may_share_one_recognizer(recognizer):
    stream = io.BytesIO()
    Image.fromarray(astronaut()).save(stream, "JPEG", quality=95)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: recognizer.read(stream.getvalue())[0].probabilities, range(8)))
    assert all(answer == answers[0] for answer in answers)


@pytest.fixture(scope="module")
def knowing(recognizer):
    """A recognizer whose baseline is the astronaut's smile."""
    return recognizer.with_baseline(astronaut())


def test_with_her_own_baseline_she_is_neutral_and_the_plain_answer_is_kept(recognizer, knowing):
    (reading,), (plain,) = knowing.read(astronaut()), recognizer.read(astronaut())
    assert reading.label == "neutral"
    assert reading.raw == plain.answers
    assert plain.label == "happy"
    assert plain.raw is None


def test_faces_that_were_found_already_are_answered_plainly(recognizer, knowing):
    (reading,) = knowing.answer([recognizer.read(astronaut())[0].face])
    assert (reading.label, reading.raw) == ("happy", None)


def test_any_number_of_pictures_makes_a_baseline(detector, knowing, tmp_path):
    path = tmp_path / "astronaut.png"
    Image.fromarray(astronaut()).save(path)
    expected = knowing.baseline.correct(SMILE)["fer7"].probabilities
    for pictures in (str(path), [astronaut(), path.read_bytes()]):
        taken = Recognizer(baseline=pictures).baseline
        assert taken.correct(SMILE)["fer7"].probabilities == pytest.approx(expected)
    assert Recognizer(baseline=[]).baseline is None


def test_of_several_faces_the_largest_is_the_persons(recognizer, monkeypatch):
    (face,) = (reading.face for reading in recognizer.read(astronaut()))
    small, large = (replace(face, box=(0, 0, side, side)) for side in (50, 51))
    read = []
    monkeypatch.setattr(recognizer.finder, "find", lambda pyramid, search: [small, large, small])
    monkeypatch.setattr(recognizer, "answer", lambda faces: read.extend(faces) or [Reading(face, SMILE)])
    recognizer.with_baseline(astronaut())
    assert read == [large]


def test_a_picture_without_a_face_is_no_baseline(recognizer, tmp_path):
    path = tmp_path / "wall.png"
    Image.fromarray(WALL).save(path)
    with pytest.raises(ImageError, match=r"wall\.png: it shows no face; choose"):
        recognizer.with_baseline([astronaut(), path])
    with pytest.raises(ImageError, match="this picture: it shows no face"):
        recognizer.with_baseline(WALL)


def test_a_face_without_the_models_feature_is_no_baseline(recognizer, monkeypatch):
    blind = replace(recognizer.artifact.feature, compute=lambda crop: None)
    monkeypatch.setattr(recognizer.artifact, "feature", blind)
    with pytest.raises(ImageError, match="finds no mesh in the face"):
        recognizer.with_baseline(astronaut())


def test_a_model_that_does_not_answer_neutral_takes_no_baseline(recognizer, monkeypatch):
    card = replace(recognizer.card, outputs={"fer7": Output(("happy", "sad"), "nobody")})
    monkeypatch.setattr(recognizer.artifact, "card", card)
    with pytest.raises(ModelError, match='does not answer "neutral"'):
        recognizer.with_baseline(astronaut())


def test_threads_may_share_a_recognizer_with_and_one_without_a_baseline(recognizer, knowing):
    with ThreadPoolExecutor(4) as threads:
        labels = list(threads.map(lambda one: one.read(astronaut())[0].label, [recognizer, knowing] * 2))
    assert labels == ["happy", "neutral"] * 2


def test_another_search_shares_the_model_and_leaves_the_first_as_it_is(recognizer):
    other = recognizer.with_search("crop")
    assert (recognizer.search, other.search) == ("thorough", "crop")
    assert other.artifact is recognizer.artifact
    assert len(other.read(WALL)) == 1
