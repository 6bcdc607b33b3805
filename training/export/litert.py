"""LiteRT: what the engine serves networks with; `.tflite` files run on phones and microcontrollers too."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.inference.litert import LiteRTRunner

_BATCH = 64


def write_litert(model, path: Path, quantize: str) -> None:
    """Write a `.tflite` file with the one signature `serving_default`.

    Int8 here is LiteRT's "dynamic range": weights are int8 with a scale for each output channel, what a layer takes is
    quantised as it comes. Computing in integers throughout, with scales from a dataset, was tried on `cnn` and is
    farther from the model (97.7 % of 256 labels the same instead of 98.8 %) at the same size.

    Args:
        model: A `keras.Model` from a feature to logits by label set.
        path: Ends in `.tflite`.
        quantize: "float16", half of the size and computed in float32, or "int8", a quarter.
    """
    import tensorflow as tf

    options = {"target_spec": {"supported_types": [tf.float16]}} if quantize == "float16" else {}
    model.export(path, format="litert", verbose=False, optimizations=[tf.lite.Optimize.DEFAULT], **options)


def run_litert(path: Path, features: np.ndarray) -> dict[str, np.ndarray]:
    """Logits by label set of a `.tflite` file for features (n, ...)."""
    run = LiteRTRunner(path, path.read_bytes(), threads=1)
    batches = [run(features[start : start + _BATCH]) for start in range(0, len(features), _BATCH)]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in run.answers}
