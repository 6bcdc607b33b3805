"""A trained Keras model -> a model folder that the engine serves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card
from core.inference.artifact import MODEL_FILE
from core.inference.litert import LiteRTRunner
from training.errors import TrainingError
from training.export.formats import logits, run_litert, write_litert
from training.export.parity import FLOAT16, INT8, Parity, check, measure, pictures
from training.export.staging import write_folder
from training.runs.folder import save_weights

_APART = 0.01  # largest difference, as a share of the length of what the network gives
_PICTURES = 16


def write_extras(model, extras: Mapping[str, Callable[[Any], Any]], folder: Path) -> list[str]:
    """Write each as a `.tflite` file with float16 weights that answers as its network does.

    Args:
        model: The trained `keras.Model`.
        extras: As in `Recipe`.
        folder: To write them in.

    Returns:
        Their names.

    Raises:
        TrainingError: a file answers otherwise than its network.
    """
    for name, cut in extras.items():
        network = cut(model)
        write_litert(network, folder / name, "float16")
        apart = _apart(network, folder / name)
        if not apart <= _APART:
            raise TrainingError(f"{name}: the file is {apart:.2%} off the network that it was made of; report this")
    return list(extras)


def _apart(network, path: Path) -> float:
    examples = pictures(network.input_shape[1:], _PICTURES)
    run = LiteRTRunner(path, path.read_bytes(), threads=1)
    given = np.concatenate([values for example in examples for values in run(example[None]).values()])
    expected = network.predict(examples, batch_size=1, verbose=0)
    return float((np.linalg.norm(given - expected, axis=1) / np.linalg.norm(expected, axis=1)).max())


WEIGHTS_FILE = "weights.npz"
_LARGEST_FOLDER = 8_000_000  # bytes: what a model may take in git
_TOLERANCES = {"float16": FLOAT16, "int8": INT8}
_EXAMPLES = 512


def export_keras(
    model,
    features: np.ndarray,
    card: Card,
    out: Path,
    quantize: str = "float16",
    *,
    store_weights: bool = True,
    extras: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Card:
    """Write a model folder with LiteRT; it appears under its name only when it is whole.

    Beside the model lie what its recipe leaves besides, the weights that `export` and `train --from` begin with, unless
    the folder would then be larger than 8 MB, and a generated README.md.

    Args:
        model: A `keras.Model` from the card's feature to logits by label set.
        features: Some inputs (n, ...), best of the data it is chosen on; on the first 512 the exported file must answer
            as the model does.
        card: Without files and known answer; they are filled in.
        out: The folder; one that stands there is replaced.
        quantize: "float16", or "int8" for half of its size.
        store_weights: Whether the weights are kept too.
        extras: As in `Recipe`.

    Raises:
        TrainingError: the exported file answers otherwise than the model, or `quantize` is neither.
    """
    if quantize not in _TOLERANCES:
        raise TrainingError(f"--quantize {quantize}: unknown; give one of {', '.join(_TOLERANCES)}")

    def fill(folder: Path) -> tuple[list[str], dict]:
        path = folder / MODEL_FILE
        write_litert(model, path, quantize)
        parity = measure(logits(model, features[:_EXAMPLES]), run_litert(path, features[:_EXAMPLES]))
        check(parity, _TOLERANCES[quantize], hint=_HINTS[quantize])
        names = [MODEL_FILE, *write_extras(model, extras or {}, folder)]
        room = _LARGEST_FOLDER - sum((folder / name).stat().st_size for name in names)
        if store_weights and _stored(model, folder / WEIGHTS_FILE, room):
            names.append(WEIGHTS_FILE)
        return names, _facts(model, quantize, parity)

    return write_folder(card, out, fill)


_HINTS = {"float16": "", "int8": "; --quantize float16 is nearer to it"}


def _stored(model, path: Path, room: int) -> bool:
    save_weights(model, path)
    if path.stat().st_size > room:
        path.unlink()
        return False
    return True


def _facts(model, quantize: str, parity: Parity) -> dict:
    return {
        "parameters": sum(math.prod(variable.shape) for variable in model.trainable_variables),
        "weights": quantize,
        "parity": parity.facts(),
    }
