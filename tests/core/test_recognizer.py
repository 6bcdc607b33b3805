import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from core import artifacts
from core.errors import ImageError, ModelError
from core.recognizer import Recognizer


@pytest.fixture(scope="module")
def recognizer(detector):
    return Recognizer()


@pytest.mark.parametrize("model", artifacts.installed())
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
