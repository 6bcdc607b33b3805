"""Models from elsewhere. What runs Keras does so in a process of its own."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.cards import Card
from core.inference.artifact import Artifact, served_files, verify
from core.labels import FER7
from core.runtime import paths
from training.commands.main import app
from training.errors import TrainingError
from training.evaluation import predictions
from training.workflows.ensemble import _check

ROOT = Path(__file__).resolve().parents[3]


SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
import keras
import numpy as np
from keras import layers, ops
from core.cards import Card
from core.inference.artifact import Artifact
from core.features import FEATURES
from core.labels import FER7
from training.workflows.adopt import adopt
from training.errors import TrainingError
from training.export.parity import stand_in
from keras2_files import write_functional_h5, write_sequential_keras
from training.adoption.descriptions import parse_input
from training.adoption.keras_files import load_foreign, wrap

root, data = Path(sys.argv[1]), Path(sys.argv[2])
keras.utils.set_random_seed(0)
pictures = stand_in(FEATURES["pixels"], 16)
told = {}

names = "angry,disgust,fear,happy,neutral,sad,surprise"
order = [0, 1, 2, 3, 5, 6, 4]

def softmax(logits):
    values = np.exp(logits - logits.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)

def apart(name, expected):
    temperature = Card.load(root / name).outputs["fer7"].temperature
    given = np.exp(Artifact(root / name).predict(pictures)["fer7"])
    return float(np.abs(given - softmax(np.log(expected) / temperature)[:, order]).max())

# Files as Keras 2 wrote them.
grey = pictures / np.float32(255)
answer = write_functional_h5(root / "old.h5")
adopt(root / "old.h5", root / "old", labels=names, given="48x48 grey 0..1", dataset=data)
told["old"] = apart("old", answer(grey))
answer = write_sequential_keras(root / "zipped.keras")
adopt(root / "zipped.keras", root / "zipped", labels=names, given="48x48 grey 0..1 mean 0.5 std 0.25")
told["zipped"] = apart("zipped", softmax(answer((grey - 0.5) / 0.25)))

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
wrapped = wrap(load_foreign(root / "plain.keras"), parse_input("48x48 grey 0..1"), FER7.labels, root)
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
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder), str(dataset), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    line = next(line for line in run.stdout.splitlines() if line.startswith("TOLD"))
    return folder, json.loads(line.removeprefix("TOLD "))


@pytest.mark.parametrize("name", ["old", "zipped", "new", "plain"])
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


@pytest.mark.parametrize("kind", ["onnx", "tflite"])
def test_a_network_is_adopted_as_it_is_and_measured(tmp_path, dataset, networks, monkeypatch, kind):
    monkeypatch.setitem(sys.modules, "keras", None)  # importing it would fail
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setattr(paths, "model_folders", lambda: [tmp_path])
    monkeypatch.setattr(predictions, "CACHE", tmp_path / "predictions")
    weights = np.random.default_rng(0).normal(0, 0.1, (4, 3 * 8 * 8)).astype(np.float32)
    write, shape = (networks.write_onnx, ("n", 3, 8, 8)) if kind == "onnx" else (networks.write_tflite, (1, 8, 8, 3))
    file = write(tmp_path / f"theirs.{kind}", weights, shape)
    command = ["adopt", file, "--labels", "happy,-,sad,neutral", "--name", "theirs", "--data", dataset]
    given = CliRunner().invoke(app, [*map(str, command), "--input", "8x8 rgb 0..1 mean 0.485,0.456,0.406 std 0.25"])
    assert given.exit_code == 0, given.output
    assert "never answers angry, disgust, fear, surprise" in given.output
    card = Card.load(tmp_path / "theirs")
    assert set(card.files) == {"adopted.json", f"network.{kind}"}
    assert (tmp_path / "theirs" / f"network.{kind}").read_bytes() == file.read_bytes()
    assert set(served_files(tmp_path / "theirs", card)) == set(card.files)
    assert card.data["source"]["name"] == file.name
    assert card.taught("fer7") == ("happy", "sad", "neutral")
    assert card.measured_on("public_test") == dataset.stem
    assert card.metrics["public_test"]["n"] == 35
    verify("theirs")
    given = CliRunner().invoke(app, ["evaluate", "theirs", "--data", str(dataset), "--split", "training", "--json"])
    report = json.loads(given.output)
    assert report["dataset"] == dataset.name
    assert report["precision"]["angry"] == report["recall"]["angry"] == 0
    with pytest.raises(TrainingError, match="adopted as it is"):
        _check({name: Artifact(tmp_path / "theirs") for name in ("theirs", "others")})
