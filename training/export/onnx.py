"""ONNX, through tf2onnx, checked with ONNX Runtime. Neither is needed for anything else, so both are optional."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from pathlib import Path

import numpy as np

from core.cards import Card
from training.errors import TrainingError

_NEEDED = ("tf2onnx", "onnx", "onnxruntime")


def require_onnx() -> None:
    """Say at once what is missing, before a model is built.

    Raises:
        TrainingError: one of the packages is not installed.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise TrainingError(f"ONNX needs packages that are not installed: run `pip install {' '.join(missing)}`")


def write_onnx(model, path: Path, card: Card) -> None:
    """Write an `.onnx` file in float32; the labels of each output stand in its metadata as `labels.NAME`."""
    import onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras asks NumPy for a name that NumPy 2 gave up
        model.export(str(path), format="onnx", verbose=False)
    graph = onnx.load(str(path))
    labels = {f"labels.{name}": ",".join(output.labels) for name, output in card.outputs.items()}
    onnx.helper.set_model_props(graph, labels)
    onnx.checker.check_model(graph)
    onnx.save(graph, str(path))


def run_onnx(path: Path, features: np.ndarray) -> dict[str, np.ndarray]:
    """Logits by label set of an `.onnx` file for features (n, ...)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {entry.name: features}), strict=True))
