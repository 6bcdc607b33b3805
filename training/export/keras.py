"""Keras' own form. Some layers are Mien's: loading the file asks for `core.recipes.register_layers()` first."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.recipes import register_layers


def write_keras(model, path: Path) -> None:
    """Write a `.keras` file: the network and its weights in float32, without what it was trained with."""
    model.save(path, include_optimizer=False)


def run_keras(path: Path, features: np.ndarray) -> dict[str, np.ndarray]:
    """Logits by label set of a `.keras` file for features (n, ...)."""
    import keras

    register_layers()
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    return logits(model, features)


def logits(model, features: np.ndarray) -> dict[str, np.ndarray]:
    """What a `keras.Model` answers, float32 by label set."""
    answers = model.predict(features, batch_size=64, verbose=0)
    return {name: np.asarray(values, np.float32) for name, values in answers.items()}
