"""Models from elsewhere. What runs Keras does so in a process of its own."""

import json
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import h5py
import pytest

from core.cards import Card
from core.labels import FER7
from training.errors import TrainingError
from training.workflows.wrap_keras import Input, load_foreign, parse_input, parse_labels

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("48x48 grey 0..1", Input(48, 48, 1, 0, 1)),
        ("48X48  Gray 0..255", Input(48, 48, 1, 0, 255)),
        ("224x160 rgb -1..1", Input(224, 160, 3, -1, 1)),
        ("64x64 bgr -0.5..0.5", Input(64, 64, 3, -0.5, 0.5)),
    ],
)
def test_inputs_are_read(text, expected):
    assert parse_input(text) == expected


@pytest.mark.parametrize("text", ["", "48 grey 0..1", "48x48 0..1", "48x48 grey", "48x48 grey 1..0", "9999x9 rgb 0..1"])
def test_other_inputs_are_refused_with_an_example(text):
    with pytest.raises(TrainingError, match=r"such as .48x48 grey 0\.\.1"):
        parse_input(text)


def test_labels_are_read_in_any_spelling():
    assert parse_labels("Anger, happiness,-,Surprised") == [0, 3, None, 5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("angry,bored", "unknown expression 'bored'"),
        ("angry,sad,anger", "angry is given twice"),
        ("sad", "at least two"),
    ],
)
def test_labels_that_cannot_be_are_named(text, words):
    with pytest.raises(TrainingError, match=words):
        parse_labels(text)


def keras_file(path, config):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    return path


def h5_file(path, config):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
    return path


@pytest.mark.parametrize(("write", "name"), [(keras_file, "m.keras"), (h5_file, "m.h5")])
@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({"class_name": "Lambda", "config": {"function": ["4wEAAA==", None, None]}}, "Lambda layer, which holds code"),
        ({"class_name": "TFOpLambda"}, "holds code"),
        ({"class_name": "system", "module": "os"}, "system of os, which is not Keras's own"),
        ({"class_name": "Model", "module": "keras_evil.models"}, "not Keras's own"),
    ],
)
def test_code_is_refused_before_keras_sees_it(tmp_path, write, name, layer, words):
    config = {"class_name": "Sequential", "module": "keras", "config": {"layers": [{"class_name": "Dense"}, layer]}}
    with pytest.raises(TrainingError, match=words):
        load_foreign(write(tmp_path / name, config))


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"])
def test_what_is_no_model_is_said_in_words(tmp_path, content):
    path = tmp_path / "m.h5"
    path.write_bytes(content)
    with pytest.raises(TrainingError, match="not a whole Keras model"):
        load_foreign(path)


def test_weights_alone_are_not_enough(tmp_path):
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file["layers"] = [1.0]
    with pytest.raises(TrainingError, match="weights"):
        load_foreign(tmp_path / "m.weights.h5")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TrainingError, match="no such file"):
        load_foreign(tmp_path / "m.h5")


SCRIPT = """
import json, sys
from pathlib import Path
import h5py
import keras
import numpy as np
from keras import layers, ops
from core.inference.artifact import Artifact
from core.features import FEATURES
from core.labels import FER7
from training.workflows.import_keras import adopt
from training.errors import TrainingError
from training.export.parity import stand_in
from training.workflows.wrap_keras import load_foreign, parse_input, parse_labels, wrap

root, data = Path(sys.argv[1]), Path(sys.argv[2])
keras.utils.set_random_seed(0)
pictures = stand_in(FEATURES["pixels"], 16)
told = {}

# Keras 2's own form: written by Keras 3, with the configuration as Keras 2 wrote it.
old = keras.Sequential([keras.Input((48, 48, 1), name="conv2d_input"), layers.Conv2D(4, 3, strides=4, name="conv2d"),
                        layers.Flatten(name="flatten"), layers.Dense(7, activation="softmax", name="dense")])
old.save(root / "old.h5")
glorot = {"class_name": "GlorotUniform", "config": {"seed": None}}
zeros = {"class_name": "Zeros", "config": {}}
config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": [
    {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 48, 48, 1], "dtype": "float32", "sparse": False,
                                            "ragged": False, "name": "conv2d_input"}},
    {"class_name": "Conv2D", "config": {"name": "conv2d", "trainable": True, "batch_input_shape": [None, 48, 48, 1],
     "dtype": "float32", "filters": 4, "kernel_size": [3, 3], "strides": [4, 4], "padding": "valid",
     "data_format": "channels_last", "dilation_rate": [1, 1], "groups": 1, "activation": "linear", "use_bias": True,
     "kernel_initializer": glorot, "bias_initializer": zeros, "kernel_regularizer": None, "bias_regularizer": None,
     "activity_regularizer": None, "kernel_constraint": None, "bias_constraint": None}},
    {"class_name": "Flatten", "config": {"name": "flatten", "trainable": True, "dtype": "float32",
                                         "data_format": "channels_last"}},
    {"class_name": "Dense", "config": {"name": "dense", "trainable": True, "dtype": "float32", "units": 7,
     "activation": "softmax", "use_bias": True, "kernel_initializer": glorot, "bias_initializer": zeros,
     "kernel_regularizer": None, "bias_regularizer": None, "activity_regularizer": None, "kernel_constraint": None,
     "bias_constraint": None}}]}}
with h5py.File(root / "old.h5", "r+") as file:
    file.attrs["model_config"] = json.dumps(config)
    file.attrs["keras_version"] = "2.8.0"
names = "angry,disgust,fear,happy,neutral,sad,surprise"
expected = old.predict(pictures / np.float32(255), verbose=0)[:, [0, 1, 2, 3, 5, 6, 4]]
card = adopt(root / "old.h5", root / "old", labels=names, given="48x48 grey 0..1", dataset=data)
temperature = card.outputs["fer7"].temperature
scaled = expected ** (1 / temperature)
given = np.exp(Artifact(root / "old").predict(pictures)["fer7"])
told["old"] = float(np.abs(given - scaled / scaled.sum(axis=1, keepdims=True)).max())

# Six classes, colour, another size, probabilities of a layer of their own.
image = keras.Input((64, 64, 3))
x = layers.Conv2D(4, 5, strides=8)(image)
new = keras.Model(image, layers.Softmax()(layers.Dense(6)(layers.Flatten()(x))))
new.save(root / "new.keras")
grey = ops.image.resize(pictures.astype("float32") / 127.5 - 1, (64, 64)).numpy().repeat(3, axis=3)
expected = new.predict(grey, verbose=0)
card = adopt(root / "new.keras", root / "new", labels="happy,sad,neutral,angry,fear,-", given="64x64 rgb -1..1")
given = np.exp(Artifact(root / "new").predict(pictures)["fer7"])[:, [3, 4, 6, 0, 2, 1, 5]]
expected = np.concatenate([expected[:, :5] / expected[:, :5].sum(axis=1, keepdims=True), np.zeros((16, 2))], axis=1)
told["new"] = float(np.abs(given - expected).max())

# Logits are left as they are.
plain = keras.Sequential([keras.Input((48, 48, 1)), layers.Flatten(), layers.Dense(7)])
plain.save(root / "plain.keras")
wrapped = wrap(load_foreign(root / "plain.keras"), parse_input("48x48 grey 0..1"), list(range(7)), root)
apart = wrapped.predict(pictures, verbose=0)["fer7"] - plain.predict(pictures / 255.0, verbose=0)
told["plain"] = float(np.abs(apart).max())

def refused(name, file, labels=names, given="48x48 grey 0..1", out="refused"):
    try:
        adopt(root / file, root / out, labels=labels, given=given)
    except TrainingError as error:
        told[name] = str(error)

refused("size", "new.keras")
refused("count", "old.h5", labels="happy,sad")
refused("taken", "old.h5", out="../models/quick")
refused("name", "old.h5", out="not a name")
for name, first, activation in (("code", layers.Lambda(lambda x: x), None), ("sigmoid", layers.Flatten(), "sigmoid")):
    last = layers.Dense(7, activation=activation)
    keras.Sequential([keras.Input((48, 48, 1)), first, layers.Flatten(), last]).save(root / f"{name}.keras")
    refused(name, f"{name}.keras")
told["left over"] = (root / "refused").exists()
print("TOLD", json.dumps(told))
"""


@pytest.fixture(scope="module")
def adopted(tmp_path_factory, dataset):
    folder = tmp_path_factory.mktemp("adopt") / "work"
    (folder.parent / "models" / "quick").mkdir(parents=True)
    (folder.parent / "models" / "quick" / "card.json").write_text("{}")
    folder.mkdir()
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder), str(dataset)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    line = next(line for line in run.stdout.splitlines() if line.startswith("TOLD"))
    return folder, json.loads(line.removeprefix("TOLD "))


@pytest.mark.parametrize("name", ["old", "new", "plain"])
def test_an_adopted_model_answers_as_it_did_in_miens_order(adopted, name):
    assert adopted[1][name] < 5e-3


def test_it_is_calibrated_and_measured_where_there_is_data(adopted):
    card = Card.load(adopted[0] / "old")
    assert card.recipe == "adopted"
    assert card.outputs["fer7"].labels == FER7.labels
    assert card.outputs["fer7"].temperature != 1
    assert card.metrics["public_test"]["n"] == 35
    assert card.data["source"]["name"] == "old.h5"
    assert len(card.data["source"]["sha256"]) == 64
    assert set(card.files) == {"model.tflite"}
    assert Card.load(adopted[0] / "new").outputs["fer7"].temperature == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("size", "takes pictures of 64x64x3, and --input says 48x48x1"),
        ("count", "gives 7 answers, and --labels names 2"),
        ("taken", "has that name"),
        ("name", "--name not a name"),
        ("code", "Lambda layer, which holds code"),
        ("sigmoid", "do not sum to 1"),
    ],
)
def test_mistakes_are_one_sentence(adopted, name, words):
    assert words in adopted[1][name]
    assert "\n" not in adopted[1][name]
    assert not adopted[1]["left over"]
