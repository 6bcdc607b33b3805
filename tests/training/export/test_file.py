import importlib.util
from pathlib import Path

import pytest

from core.labels import FER7
from training.errors import TrainingError
from training.export import FORMATS
from training.export.file import known_format


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_answers_as_the_model_does_in_its_order(exported, request, kind):
    folder, told = exported
    if kind == "onnx":
        request.getfixturevalue("onnx")
    assert told[kind]["order"] == list(range(7))
    assert told[kind]["apart"] <= {"litert-float16": 2e-3, "litert-int8": 3e-2}.get(kind, 1e-5)
    assert told[kind]["agreement"] >= 63 / 64  # a near tie of a model that was never trained may turn
    assert (folder / f"exported-{kind}{FORMATS[kind].suffix}").stat().st_size > 10_000


def test_a_file_that_answers_otherwise_is_not_written(exported):
    folder, told = exported
    assert "answers otherwise" in told["turned"]
    assert not (folder / "turned.keras").exists()
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_model_without_weights_is_exported_from_its_run(exported):
    assert "--run runs/tiny" in exported[1]["no weights"]


def test_a_model_without_weights_is_converted_where_that_is_possible(exported, onnx):
    folder, told = exported
    assert told["converted onnx"] is told["converted litert-float16"] is None
    assert told["converted apart"] < 0.03
    kept = folder / "small" / "tiny" / "model.tflite"
    assert (folder / "converted-litert-float16.tflite").read_bytes() == kept.read_bytes()
    graph = onnx.load(str(folder / "converted-onnx.onnx"))
    assert {entry.key: entry.value for entry in graph.metadata_props}["labels.fer7"] == ",".join(FER7.labels)


@pytest.mark.parametrize("kind", ["keras", "litert-int8"])
def test_what_needs_the_weights_says_what_does_not(exported, kind):
    assert f"which {kind} is made of" in exported[1][f"converted {kind}"]
    assert "--format onnx or litert-float16, which need none" in exported[1][f"converted {kind}"]


def test_onnx_names_its_labels(exported, onnx):
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
