"""A trained Keras model -> a model folder that the engine serves."""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.artifacts import MODEL_FILE, Artifact
from core.cards import Card, file_entry
from training import model_card
from training.errors import TrainingError
from training.export.keras import logits
from training.export.litert import run_litert, write_litert
from training.export.parity import FLOAT16, INT8, Parity, check, measure
from training.weights import save_weights

WEIGHTS_FILE = "weights.npz"
_LARGEST_FOLDER = 8_000_000  # bytes: what a model may take in git
_TOLERANCES = {"float16": FLOAT16, "int8": INT8}
_EXAMPLES = 512


def export_keras(
    model,
    features: np.ndarray,
    card: Card,
    out: Path,
    weights: str = "float16",
    *,
    store_weights: bool = True,
) -> Card:
    """Write a model folder with LiteRT; it appears under its name only when it is whole.

    Beside the model lie the weights that `export` and `train --from` begin with, unless the folder would then be larger
    than 8 MB, and a generated README.md.

    Args:
        model: A `keras.Model` from the card's feature to logits by label set.
        features: Some inputs (n, ...), best of the data it is chosen on; on the first 512 the exported file must answer
            as the model does.
        card: Without files and known answer; they are filled in.
        out: The folder; one that stands there is replaced.
        weights: "float16", or "int8" for half of its size.
        store_weights: Whether the weights are kept too.

    Raises:
        TrainingError: the exported file answers otherwise than the model, or `weights` is neither.
    """
    if weights not in _TOLERANCES:
        raise TrainingError(f"--weights {weights}: unknown; give one of {', '.join(_TOLERANCES)}")
    staging = out.with_name(f".{out.name}.{os.getpid()}") / out.name  # same folder name: the card must match it
    staging.mkdir(parents=True)
    try:
        path = staging / MODEL_FILE
        write_litert(model, path, weights)
        parity = measure(logits(model, features[:_EXAMPLES]), run_litert(path, features[:_EXAMPLES]))
        check(parity, _TOLERANCES[weights], hint=_HINTS[weights])
        files = {MODEL_FILE: file_entry(path)}
        if store_weights:
            files |= _stored(model, staging, room=_LARGEST_FOLDER - path.stat().st_size)
        card = replace(card, files=files, data=dict(card.data) | _facts(model, weights, parity))
        card.save(staging)
        card = replace(card, known_answer=Artifact(staging).known_answer())
        card.save(staging)
        model_card.write(staging)
        _replace(staging, out)
    finally:
        shutil.rmtree(staging.parent, ignore_errors=True)
    return card


_HINTS = {"float16": "", "int8": "; --weights float16 is nearer to it"}


def _stored(model, folder: Path, room: int) -> dict:
    path = folder / WEIGHTS_FILE
    save_weights(model, path)
    if path.stat().st_size <= room:
        return {WEIGHTS_FILE: file_entry(path)}
    path.unlink()
    return {}


def _facts(model, weights: str, parity: Parity) -> dict:
    return {
        "parameters": sum(math.prod(variable.shape) for variable in model.trainable_variables),
        "weights": weights,
        "parity": {
            "examples": parity.examples,
            "agreement": round(parity.agreement, 5),
            "largest_difference": round(parity.apart, 5),
        },
    }


def _replace(staging: Path, out: Path) -> None:
    old = staging.parent / "old"
    if out.exists():
        out.rename(old)
    out.parent.mkdir(parents=True, exist_ok=True)
    staging.rename(out)
