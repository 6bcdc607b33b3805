"""A trained Keras model -> a model folder that the engine serves."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.artifacts import MODEL_FILE, Artifact
from core.cards import Card, file_entry
from training.errors import TrainingError

_TOLERANCE = 2e-2  # logits; float16 weights move them by less


def export_keras(model, features: np.ndarray, card: Card, out: Path) -> Card:
    """Write a model folder with float16 weights in LiteRT; it appears under its name only when it is whole.

    Args:
        model: A `keras.Model` from the card's feature to logits by label set.
        features: Some inputs on which the exported file must answer as the model does.
        card: Without files and known answer; they are filled in.
        out: The folder; one that stands there is replaced.

    Raises:
        TrainingError: the exported file answers otherwise than the model.
    """
    import tensorflow as tf

    staging = out.with_name(f".{out.name}.{os.getpid()}") / out.name  # same folder name: the card must match it
    staging.mkdir(parents=True)
    try:
        path = staging / MODEL_FILE
        model.export(
            path,
            format="litert",
            verbose=False,
            optimizations=[tf.lite.Optimize.DEFAULT],
            target_spec={"supported_types": [tf.float16]},
        )
        card = replace(card, files={MODEL_FILE: file_entry(path)})
        card.save(staging)
        artifact = Artifact(staging)
        _check_parity(model, artifact, features[:64])
        card = replace(card, known_answer=artifact.known_answer())
        card.save(staging)
        _replace(staging, out)
    finally:
        shutil.rmtree(staging.parent, ignore_errors=True)
    return card


def _check_parity(model, artifact: Artifact, features: np.ndarray) -> None:
    expected = model.predict(features, verbose=0)
    for name, given in artifact.predict(features).items():
        logits = np.asarray(expected[name]) / artifact.card.outputs[name].temperature
        apart = np.abs(
            (given - given.mean(axis=1, keepdims=True)) - (logits - logits.mean(axis=1, keepdims=True))
        ).max()
        if apart > _TOLERANCE:
            raise TrainingError(f"the exported file answers otherwise than the model ({name}: {apart:.3g} apart)")


def _replace(staging: Path, out: Path) -> None:
    old = staging.parent / "old"
    if out.exists():
        out.rename(old)
    out.parent.mkdir(parents=True, exist_ok=True)
    staging.rename(out)
