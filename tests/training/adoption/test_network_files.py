import zipfile

import numpy as np
import pytest

from core.errors import ModelError
from core.inference.pictures import PictureForm
from training.adoption.network_files import KERAS, kind_of, load_network
from training.errors import TrainingError

GREY = PictureForm(8, 8, 1, 0, 1)
LABELS = ("happy", "sad", "-")
WEIGHTS = np.random.default_rng(0).normal(0, 0.3, (3, 64)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.h5", b"\x89HDF\r\n\x1a\n", KERAS),
        ("a.bin", b"\x89HDF\r\n\x1a\n", KERAS),
        ("a.keras", b"", KERAS),
        ("a.bin", b"\x1c\0\0\0TFL3", ".tflite"),
        ("a.lite", b"\x1c\0\0\0TFL3", ".tflite"),
        ("a.tflite", b"nonsense", ".tflite"),
        ("A.ONNX", b"\x08\x08", ".onnx"),
    ],
)
def test_a_file_is_known_by_what_is_in_it(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name) == kind


def zipped(path, name):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"")
    return path


def saved_model(path):
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path, "no such file"),
        (lambda path: zipped(path, "archive/data.pkl"), "torch.onnx.export"),
        (saved_model, "export it to TFLite or ONNX"),
        (lambda path: path.mkdir() or path, "give a .keras, .h5, .onnx or .tflite file"),
        (lambda path: path.write_bytes(b"\x80\x04") and path, "no kind of model that can be adopted"),
    ],
)
def test_of_other_kinds_it_is_said_what_to_do(tmp_path, make, words):
    with pytest.raises(TrainingError, match=words):
        kind_of(make(tmp_path / "model.pt"))


@pytest.mark.parametrize("kind", [".onnx", ".tflite"])
@pytest.mark.parametrize("softmax", [True, False])
def test_a_trial_shows_whether_it_answers_with_probabilities(tmp_path, networks, kind, softmax):
    write = networks.write_onnx if kind == ".onnx" else networks.write_tflite
    path = write(tmp_path / f"a{kind}", WEIGHTS, softmax=softmax)
    runner, adoption = load_network(path, kind, GREY, LABELS)
    assert adoption.probabilities == softmax
    assert adoption.file == f"network{kind}"
    answered = runner(np.zeros((2, 48, 48, 1), np.uint8))["fer7"]
    assert np.exp(answered - answered.max())[0].round(3).tolist() == [0, 0, 0, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("form", "labels", "words"),
    [
        (PictureForm(48, 48, 1, 0, 1), LABELS, "not pictures of 48x48x1"),
        (GREY, ("happy", "sad"), "gives 3 answers to a picture instead of 2"),
    ],
)
@pytest.mark.parametrize("kind", [".onnx", ".tflite"])
def test_what_does_not_fit_is_refused(tmp_path, networks, kind, form, labels, words):
    write = networks.write_onnx if kind == ".onnx" else networks.write_tflite
    path = write(tmp_path / f"a{kind}", WEIGHTS, (1, 1, 8, 8) if kind == ".onnx" else (1, 8, 8, 1))
    with pytest.raises(ModelError, match=words):
        load_network(path, kind, form, labels)


@pytest.mark.parametrize(
    ("weights", "words"),
    [(np.zeros((3, 64)), "do not sum to 1"), (np.full((3, 64), np.nan), "not finite")],
)
def test_answers_that_are_neither_probabilities_nor_logits_are_refused(tmp_path, networks, weights, words):
    path = networks.write_onnx(tmp_path / "a.onnx", weights)
    with pytest.raises(TrainingError, match=words):
        load_network(path, ".onnx", GREY, LABELS)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x1c\0\0\0TFL3", b"\x1c\0\0\0TFL3" + bytes(range(200))])
def test_a_damaged_tflite_file_is_said_in_words(tmp_path, content):
    path = tmp_path / "a.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="LiteRT cannot load it"):
        load_network(path, ".tflite", GREY, LABELS)
