import builtins
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import model_store
from core.cards import Card, Output, file_entry
from core.errors import ModelError
from core.inference.adopted import ADOPTION_FILE, Adoption, open_adopted
from core.inference.artifact import Artifact
from core.inference.onnx import OnnxNetwork
from core.inference.pictures import PictureForm, channels_first
from core.labels import FER7
from core.recognizer import Recognizer

LABELS = ("happy", "-", "sad", "neutral")
CROPS = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1)).astype(np.uint8)
GREY, COLOUR = PictureForm(8, 8, 1, 0, 1), PictureForm(8, 8, 3, 0, 1, (0.4, 0.5, 0.6), (0.2, 0.25, 0.5))


def weights_for(form):
    return np.random.default_rng(1).normal(0, 0.3, (len(LABELS), np.prod(form.shape))).astype(np.float32)


def folder_with(path, form, labels=LABELS, probabilities=False):
    """A model folder around a network's file that lies in it."""
    entry = file_entry(path)
    adoption = Adoption(path.name, entry["sha256"], form, tuple(labels), probabilities)
    (path.parent / ADOPTION_FILE).write_text(adoption.as_json())
    files = {path.name: entry, ADOPTION_FILE: file_entry(path.parent / ADOPTION_FILE)}
    outputs = {"fer7": Output(FER7.labels, "unknown")}
    feature = {"name": "pixels", "version": 1}
    Card(path.parent.name, "adopted", "Small.", feature, outputs, {}, files, data={"labels": list(labels)}).save(
        path.parent
    )
    return path.parent


def softmax(logits):
    values = np.exp(logits - logits.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("form", [GREY, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("kind", ["nchw", "nhwc", "open", "tflite", "tflite-open"])
@pytest.mark.parametrize("probabilities", [True, False])
def test_a_network_answers_as_it_does_elsewhere_in_miens_order(tmp_path, networks, form, kind, probabilities):
    weights, path = weights_for(form), tmp_path / ("a.tflite" if "tflite" in kind else "a.onnx")
    first = kind in ("nchw", "open")
    if "tflite" in kind:
        networks.write_tflite(
            path, weights, (1, -1, -1, form.channels) if "open" in kind else (1, *form.shape), probabilities
        )
    else:
        shape = (1, form.channels, 8, 8) if kind == "nchw" else (1, 8, 8, form.channels)
        networks.write_onnx(path, weights, ("n", form.channels, "h", "w") if kind == "open" else shape, probabilities)
    artifact = Artifact(folder_with(path, form, probabilities=probabilities))
    pictures = form.made_of(CROPS)
    flat = (pictures.transpose(0, 3, 1, 2) if first else pictures).reshape(len(CROPS), -1)
    expected = softmax(flat @ weights.T)[:, [0, 2, 3]]
    answered = np.exp(artifact.predict(CROPS)["fer7"])
    known = [FER7.index(label) for label in ("happy", "sad", "neutral")]
    assert answered[:, known] == pytest.approx(expected / expected.sum(axis=1, keepdims=True), abs=1e-4)
    assert np.delete(answered, known, axis=1) == pytest.approx(0)


def test_whole_numbers_are_taken_too(tmp_path, networks):
    weights = weights_for(GREY)
    expected = weights @ GREY.made_of(CROPS[:1]).ravel()
    path = networks.write_tflite(tmp_path / "a.tflite", weights, (1, 8, 8, 1), scale=1 / 255)
    assert plain(path, GREY) == pytest.approx(expected, abs=0.2)
    path = networks.write_onnx(tmp_path / "a.onnx", weights, element=networks.onnx.TensorProto.UINT8)
    assert plain(path, replace(GREY, high=255)) == pytest.approx(255 * expected, abs=60)


def plain(path, form):
    adoption = Adoption(path.name, file_entry(path)["sha256"], form, LABELS, probabilities=False)
    return open_adopted(path.parent / "a", adoption.as_json().encode(), {}, 1)().plain_answers(CROPS[:1])[0]


def test_of_several_outputs_the_one_with_an_answer_for_each_label_counts(tmp_path, networks):
    path = networks.write_onnx(tmp_path / "a.onnx", weights_for(GREY), outputs=("answers", "others"))
    assert plain(path, GREY) == pytest.approx(weights_for(GREY) @ GREY.made_of(CROPS[:1]).ravel(), abs=1e-4)


def test_a_face_is_read_with_one(tmp_path, networks, monkeypatch):
    path = networks.write_onnx(tmp_path / "a.onnx", weights_for(GREY))
    folder = folder_with(path, GREY)
    monkeypatch.setattr(model_store.paths, "model_folders", lambda: [folder.parent])
    monkeypatch.setattr("core.recognizer.FaceFinder", lambda: None)
    face = type("Face", (), {"crop": np.zeros((48, 48, 3), np.uint8)})()
    (reading,) = Recognizer(folder.name).answer([face])
    assert sum(reading.answer.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("declared", "form", "expected"),
    [
        ((3, 48, 48), PictureForm(48, 48, 3, 0, 1), True),
        ((48, 48, 3), PictureForm(48, 48, 3, 0, 1), False),
        ((None, None, None), GREY, True),
        ((1, None, None), GREY, True),
        ((None, None, 1), PictureForm(8, 16, 1, 0, 1), False),
    ],
)
def test_the_order_of_the_sides_is_seen_from_the_file(declared, form, expected):
    assert channels_first(declared, form, default=True) == expected


@pytest.mark.parametrize("declared", [(), (48,), (3, 64, 48), (48, 48, 48, 3), (1, 48, 48)])
def test_other_pictures_are_refused(declared):
    with pytest.raises(ValueError, match=r"takes .*, not pictures of 48x48x3"):
        channels_first(declared, PictureForm(48, 48, 3, 0, 1), default=True)


@settings(deadline=None)  # the machine may be busy
@given(st.integers(8, 64), st.integers(8, 64), st.floats(-2, 1), st.floats(0.1, 300))
def test_black_and_white_become_the_ends_of_the_range(height, width, low, span):
    form = PictureForm(height, width, 3, low, low + span)
    made = form.made_of(np.stack([np.zeros((48, 48, 1), np.uint8), np.full((48, 48, 1), 255, np.uint8)]))
    assert made.shape == (2, height, width, 3)
    assert made[0] == pytest.approx(low, abs=1e-3)
    assert made[1] == pytest.approx(low + span, rel=1e-4)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x08\x07\x12\x07pytorch" + bytes(400), b"{}"])
def test_what_is_no_onnx_is_said_in_words(tmp_path, networks, content):
    with pytest.raises(ModelError, match="not a valid ONNX file"):
        OnnxNetwork(tmp_path / "a.onnx", content, 1)


def test_weights_in_another_file_are_not_looked_for(tmp_path, networks, monkeypatch):
    onnx, path = networks.onnx, networks.write_onnx(tmp_path / "a.onnx", weights_for(GREY))
    model = onnx.load(path)
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    monkeypatch.chdir(tmp_path)
    assert (tmp_path / "weights.bin").exists()
    with pytest.raises(ModelError, match="weights in another file"):
        OnnxNetwork(path, path.read_bytes(), 1)


def test_without_onnx_runtime_it_says_what_to_install(tmp_path, monkeypatch):
    def missing(name, *rest):
        if name == "onnxruntime":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ModelError, match="pip install onnxruntime"):
        OnnxNetwork(tmp_path / "a.onnx", b"", 1)


def test_an_altered_network_is_refused(tmp_path, networks):
    folder = folder_with(networks.write_onnx(tmp_path / "a.onnx", weights_for(GREY)), GREY)
    with open(folder / "a.onnx", "ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelError, match=r"a\.onnx: not the file that adopted\.json names"):
        Artifact(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../a.onnx"},
        {"file": "a.exe"},
        {"labels": ["happy", "happy"]},
        {"labels": ["bored"]},
        {"labels": []},
        {"labels": 3},
        {"form": None},
        {"form": {"height": 10**9, "width": 8, "channels": 1, "low": 0, "high": 1}},
        {"form": {"height": 8, "width": 8, "channels": 2, "low": 0, "high": 1}},
        {"form": {"height": 8, "width": 8, "channels": 1, "low": 0, "high": float("nan")}},
        {"form": {"height": 8, "width": 8, "channels": 1, "low": 0, "high": 1, "deviation": [0]}},
        {"form": {"height": 8, "width": 8, "channels": 1, "low": 0, "high": 1, "mean": [1, 2]}},
        {"surprise": 1},
    ],
    ids=lambda change: json.dumps(change)[:40],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_an_adoption_that_cannot_be_is_refused(tmp_path, change):
    right = json.loads(Adoption("a.onnx", "0" * 64, GREY, LABELS, probabilities=True).as_json())
    assert Adoption.parse(tmp_path, json.dumps(right).encode()).form == GREY
    with pytest.raises(ModelError, match="not a readable adoption"):
        Adoption.parse(tmp_path, json.dumps(right | change).encode())


def test_a_member_of_an_ensemble_and_an_adopted_one_are_told_apart_by_their_files(tmp_path, networks):
    folder = folder_with(networks.write_tflite(tmp_path / "network.tflite", weights_for(GREY), (1, 8, 8, 1)), GREY)
    shutil.copy(folder / "network.tflite", folder / "model.tflite")  # which the card does not name
    assert Artifact(folder).card.recipe == "adopted"
