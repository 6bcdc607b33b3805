"""LiteRT, ONNX and Keras files: writing a network to each, and running it again."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from pathlib import Path

import numpy as np

from core.cards import Card
from core.inference.litert import LiteRTRunner
from core.recipes import register_layers
from training.errors import TrainingError

_BATCH = 64


def write_litert(model, path: Path, quantize: str) -> None:
    """Write a `.tflite` file with one signature, `serving_default`.

    Int8 is LiteRT's "dynamic range" here: weights are int8 with a scale for each output channel, and the inputs of a
    layer are quantised at run time. Integer arithmetic throughout, with scales from a dataset, was tried on `cnn`: at
    the same size it agrees with the model less (on 97.7 % of 256 labels instead of 98.8 %).

    Args:
        model: A `keras.Model` from a feature to logits by label set.
        path: The file to write, ending in `.tflite`.
        quantize: "float16" for half of the size, computed in float32, or "int8" for a quarter.
    """
    import tensorflow as tf

    options = {"target_spec": {"supported_types": [tf.float16]}} if quantize == "float16" else {}
    model.export(path, format="litert", verbose=False, optimizations=[tf.lite.Optimize.DEFAULT], **options)


def run_litert(path: Path, features: np.ndarray) -> dict[str, np.ndarray]:
    """Run a `.tflite` file on features (n, ...); gives logits, float32 (n, labels), by label set."""
    run = LiteRTRunner(path, path.read_bytes(), threads=1)
    batches = [run(features[start : start + _BATCH]) for start in range(0, len(features), _BATCH)]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in run.answers}


_OPSET = 17
_NEEDED = ("tf2onnx", "onnx", "onnxruntime")


def require_onnx() -> None:
    """Check that the packages for ONNX are installed, before a model is built.

    Raises:
        TrainingError: A package is missing.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise TrainingError(f"ONNX needs packages that are not installed: run `pip install {' '.join(missing)}`")


def write_onnx(model, path: Path, card: Card) -> None:
    """Write an `.onnx` file in float32, with the labels of each output in its metadata as `labels.NAME`."""
    import onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras uses a name that NumPy 2 deprecates
        model.export(str(path), format="onnx", verbose=False)
    _save_onnx(onnx, onnx.load(str(path)), path, card)


def convert_to_onnx(litert: Path, path: Path, card: Card) -> None:
    """Write an `.onnx` file that computes what a `.tflite` file of Mien's does, with the numbers as they are there.

    Args:
        litert: The `.tflite` file, with its one signature.
        path: The file to write; inputs and outputs have the names of that signature.
        card: The model's card, with the labels of each output in order.
    """
    import onnx
    import tf2onnx
    from ai_edge_litert.interpreter import Interpreter

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's interpreter says that there is a newer one
        model, _ = tf2onnx.convert.from_tflite(str(litert), opset=_OPSET)
    signature = Interpreter(str(litert)).get_signature_runner()
    ends = {**signature.get_input_details(), **signature.get_output_details()}
    names = {details["name"]: name for name, details in ends.items()}
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for entry in (*model.graph.input, *model.graph.output):
        entry.name = names[entry.name]
    _save_onnx(onnx, model, path, card)


def _save_onnx(onnx, model, path: Path, card: Card) -> None:
    labels = {f"labels.{name}": ",".join(output.labels) for name, output in card.outputs.items()}
    onnx.helper.set_model_props(model, labels)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def run_onnx(path: Path, features: np.ndarray) -> dict[str, np.ndarray]:
    """Run an `.onnx` file on features (n, ...); gives logits, float32 (n, labels), by label set."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {entry.name: features}), strict=True))


def write_keras(model, path: Path) -> None:
    """Write a `.keras` file: the network and its weights in float32, without the optimizer."""
    model.save(path, include_optimizer=False)


def run_keras(path: Path, features: np.ndarray) -> dict[str, np.ndarray]:
    """Run a `.keras` file on features (n, ...); gives logits, float32 (n, labels), by label set."""
    import keras

    register_layers()
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    return logits(model, features)


def logits(model, features: np.ndarray) -> dict[str, np.ndarray]:
    """Run a `keras.Model` on features (n, ...); gives logits, float32 (n, labels), by label set."""
    answers = model.predict(features, batch_size=64, verbose=0)
    return {name: np.asarray(values, np.float32) for name, values in answers.items()}
