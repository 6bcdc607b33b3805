"""Exports, in a process of their own: TensorFlow must not share one with the app's tests."""

import importlib.util
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from core.cards import Card
from core.labels import FER7
from training.errors import TrainingError
from training.export import FORMATS
from training.export.file import known_format
from training.export.keras_folder import _stored
from training.export.parity import EXACT, INT8, check, measure

ROOT = Path(__file__).resolve().parents[2]
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
from training.export import files, export_file, export_keras, folder as folders
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
    form = files.FORMATS[kind]
    path = root / f"exported-{kind}{form.suffix}"
    parity = export_file(model, card, kind, path, features)
    given = form.run(path, features)["fer7"]
    likeness = np.corrcoef(logits(model, features)["fer7"].T, given.T)[:7, 7:]
    order = [int(column) for column in likeness.argmax(axis=1)]
    told[kind] = {"agreement": parity.agreement, "apart": parity.apart, "order": order}

export_keras(model, features, card, root / "small" / "tiny", store_weights=False)
told["no weights"] = refused(lambda: rebuild(root / "small" / "tiny"))
told["bad numbers"] = refused(lambda: export_keras(model, features, card, root / "small" / "tiny", "int4"))

tiny = files.FORMATS["keras"]
files.FORMATS["keras"] = replace(tiny, run=lambda path, features: {"fer7": tiny.run(path, features)["fer7"][:, ::-1]})
told["turned"] = refused(lambda: export_file(model, card, "keras", root / "turned.keras", features))
folders.run_litert = lambda path, features: {"fer7": np.full((len(features), 7), np.nan, np.float32)}
told["broken"] = refused(lambda: export_keras(model, features, card, root / "broken" / "tiny"))
print("TOLD", json.dumps(told))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with everything the script made, and what it told."""
    folder = tmp_path_factory.mktemp("export")
    kinds = [name for name in FORMATS if name != "onnx" or HAS_ONNX]
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder), *kinds], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0, run.stderr[-3000:]
    line = next(line for line in run.stdout.splitlines() if line.startswith("TOLD"))
    return folder, json.loads(line.removeprefix("TOLD "))


@pytest.mark.parametrize(("weights", "apart"), [("float16", 2e-3), ("int8", 3e-2)])
def test_a_model_folder_answers_as_the_model_does(exported, weights, apart):
    folder, told = exported
    card = Card.load(folder / weights / "tiny")
    assert told[weights]["apart"] < apart
    assert told[weights]["known"]
    assert told[weights]["rebuilt"] < 1e-2
    assert set(card.files) == {"model.tflite", "weights.npz"}
    assert card.data["weights"] == weights
    assert card.data["parameters"] == 9 * 8 + 2 * 8 + 12 * 12 * 8 * 7 + 7
    assert card.data["parity"]["examples"] == 64
    assert "# tiny" in (folder / weights / "tiny" / "README.md").read_text()


def test_int8_is_smaller(exported):
    _, told = exported
    assert told["int8"]["bytes"] < 0.8 * told["float16"]["bytes"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_answers_as_the_model_does_in_its_order(exported, kind):
    folder, told = exported
    if kind == "onnx" and not HAS_ONNX:
        pytest.skip("tf2onnx, onnx and onnxruntime are not installed")
    assert told[kind]["order"] == list(range(7))
    assert told[kind]["apart"] <= {"litert-float16": 2e-3, "litert-int8": 3e-2}.get(kind, 1e-5)
    assert told[kind]["agreement"] >= 63 / 64  # a near tie of a model that was never trained may turn
    assert (folder / f"exported-{kind}{FORMATS[kind].suffix}").stat().st_size > 10_000


def test_a_file_that_answers_otherwise_is_not_written(exported):
    folder, told = exported
    assert "answers otherwise" in told["turned"]
    assert not (folder / "turned.keras").exists()
    assert "answers otherwise" in told["broken"]
    assert list((folder / "broken").iterdir()) == []
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(("room", "stored"), [(1000, True), (999, False)])
def test_weights_that_would_make_the_folder_too_large_are_left_out(tmp_path, monkeypatch, room, stored):
    monkeypatch.setattr("training.export.keras_folder.save_weights", lambda model, path: path.write_bytes(bytes(1000)))
    assert _stored(None, tmp_path / "weights.npz", room) == stored
    assert (tmp_path / "weights.npz").exists() == stored


def test_a_model_without_weights_is_exported_from_its_run(exported):
    folder, told = exported
    assert set(Card.load(folder / "small" / "tiny").files) == {"model.tflite"}
    assert "--run runs/tiny" in told["no weights"]
    assert "--quantize int4: unknown" in told["bad numbers"]


@pytest.mark.skipif(not HAS_ONNX, reason="tf2onnx, onnx and onnxruntime are not installed")
def test_onnx_names_its_labels(exported):
    import onnx

    graph = onnx.load(str(exported[0] / "exported-onnx.onnx"))
    assert {entry.key: entry.value for entry in graph.metadata_props}["labels.fer7"] == ",".join(FER7.labels)


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(TrainingError, match="pip install tf2onnx onnx onnxruntime"):
        known_format("onnx", Path("m.onnx"))


@pytest.mark.parametrize(("kind", "out"), [("jpeg", "m.jpg"), ("keras", "m.h5"), ("litert-int8", "m")])
def test_an_unknown_format_or_suffix_is_one_sentence(kind, out):
    with pytest.raises(TrainingError, match=kind):
        known_format(kind, Path(out))


def test_parity_lets_one_label_of_a_few_pass_and_no_more():
    logits = np.eye(7)[np.arange(64) % 7] * 0.01
    for flips, passes in ((1, True), (2, False)):
        given = logits.copy()
        given[:flips] = given[:flips, ::-1]
        parity = measure({"fer7": logits}, {"fer7": given})
        assert parity.agreement == 1 - flips / 64
        if passes:
            check(parity, INT8)
        else:
            with pytest.raises(TrainingError, match="answers otherwise"):
                check(parity, INT8)


@pytest.mark.parametrize("given", [{}, {"fer7": np.zeros((4, 6))}, {"ferplus8": np.zeros((4, 7))}])
def test_a_file_that_lacks_answers_is_refused(given):
    with pytest.raises(TrainingError, match="does not answer in 'fer7'"):
        measure({"fer7": np.zeros((4, 7))}, given)


def test_nan_is_no_parity():
    parity = measure({"fer7": np.zeros((4, 7))}, {"fer7": np.full((4, 7), np.nan)})
    with pytest.raises(TrainingError):
        check(parity, EXACT)
