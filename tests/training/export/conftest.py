"""Exports of a tiny network, in a process of their own: TensorFlow must not share one with the app's tests."""

import importlib.util
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from training.export import FORMATS

ROOT = Path(__file__).resolve().parents[3]
HAS_ONNX = all(importlib.util.find_spec(name) for name in ("tf2onnx", "onnx", "onnxruntime"))

SCRIPT = """
import json, sys
from dataclasses import replace
from pathlib import Path
import keras
import numpy as np
from core.inference.artifact import Artifact
from core.cards import Card, Output
from core.features import FEATURES
from core.labels import FER7
from core.recipes import FitSettings, Recipe, register
from training.errors import TrainingError
from training.export import export_file, export_keras, file, folders
from training.export.formats import logits
from training.export.file import rebuild
from training.export.parity import stand_in

def build(settings):
    from core.recipes.layers.images import Jitter, MirrorAverage, Standardize, convolution
    standard = keras.Input((48, 48, 1))
    x = convolution(Jitter()(standard), 8, strides=4)
    network = keras.Model(standard, keras.layers.Dense(7)(keras.layers.Flatten()(x)))
    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    return keras.Model(image, {"fer7": MirrorAverage(network, name="fer7")(Standardize()(image))}, name="tiny")

register(Recipe("tiny", "Small.", "pixels", ("fer7",), FitSettings, build))
keras.utils.set_random_seed(0)
root, formats = Path(sys.argv[1]), sys.argv[2:]
model = build(None)
features = stand_in(FEATURES["pixels"])
card = Card(name="tiny", recipe="tiny", summary="Small.", feature={"name": "pixels", "version": 1}, known_answer={},
            outputs={"fer7": Output(FER7.labels, "none", 1.5)}, files={}, settings={"epochs": 1}, data={"name": "d"})
told = {}

def refused(call):
    try:
        call()
    except TrainingError as error:
        return str(error)

for weights in ("float16", "int8"):
    out = root / weights / "tiny"
    made = export_keras(model, features, card, out, weights)
    artifact = Artifact(out)
    expected = logits(model, features)["fer7"] / 1.5
    given = artifact.predict(features)["fer7"]
    told[weights] = {
        "apart": float(np.abs(np.exp(given) - np.exp(expected) / np.exp(expected).sum(axis=1, keepdims=True)).max()),
        "bytes": made.files["model.tflite"]["bytes"],
        "rebuilt": float(np.abs(logits(rebuild(out), features)["fer7"] - logits(model, features)["fer7"]).max()),
        "known": artifact.known_answer() == made.known_answer,
    }
for kind in formats:
    form = file.FORMATS[kind]
    path = root / f"exported-{kind}{form.suffix}"
    parity = export_file(model, card, kind, path, features)
    given = form.run(path, features)["fer7"]
    likeness = np.corrcoef(logits(model, features)["fer7"].T, given.T)[:7, 7:]
    order = [int(column) for column in likeness.argmax(axis=1)]
    told[kind] = {"agreement": parity.agreement, "apart": parity.apart, "order": order}

export_keras(model, features, card, root / "small" / "tiny", store_weights=False)
small = root / "small" / "tiny"
told["no weights"] = refused(lambda: rebuild(small))
paths = {kind: root / f"converted-{kind}{file.FORMATS[kind].suffix}" for kind in formats}
for kind in formats:
    told[f"converted {kind}"] = refused(lambda: file.export_installed(small, kind, paths[kind], say=lambda line: None))
if "onnx" in formats:
    given = file.FORMATS["onnx"].run(paths["onnx"], features)["fer7"]
    told["converted apart"] = float(np.abs(np.exp(logits(model, features)["fer7"]) - np.exp(given)).max())
told["bad numbers"] = refused(lambda: export_keras(model, features, card, root / "small" / "tiny", "int4"))

tiny = file.FORMATS["keras"]
file.FORMATS["keras"] = replace(tiny, run=lambda path, features: {"fer7": tiny.run(path, features)["fer7"][:, ::-1]})
told["turned"] = refused(lambda: export_file(model, card, "keras", root / "turned.keras", features))
folders.run_litert = lambda path, features: {"fer7": np.full((len(features), 7), np.nan, np.float32)}
told["broken"] = refused(lambda: export_keras(model, features, card, root / "broken" / "tiny"))
print("TOLD", json.dumps(told))
"""


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """The folder with everything that the script wrote, and the figures that it printed."""
    folder = tmp_path_factory.mktemp("export")
    kinds = [name for name in FORMATS if name != "onnx" or HAS_ONNX]
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder), *kinds], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0, run.stderr[-3000:]
    line = next(line for line in run.stdout.splitlines() if line.startswith("TOLD"))
    return folder, json.loads(line.removeprefix("TOLD "))


@pytest.fixture
def onnx():
    """The package, in tests that need all packages for ONNX."""
    for name in ("tf2onnx", "onnxruntime"):
        pytest.importorskip(name)
    return pytest.importorskip("onnx")
