"""A fitted Keras model or scikit-learn pipeline -> a model folder that the engine serves."""

from __future__ import annotations

import copy
import math
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card
from core.inference.artifact import MODEL_FILE
from core.inference.litert import LiteRTRunner
from core.inference.scikit import ScikitRunner, open_scikit
from training.errors import TrainingError
from training.export.formats import logits, run_litert, write_litert
from training.export.parity import EXACT, FLOAT16, INT8, Parity, check, measure, pictures
from training.export.staging import write_folder
from training.runs.folder import save_weights

WEIGHTS_FILE = "weights.npz"
"""Name of the file with the weights of a Keras model, kept for exports and for more training."""

_EXAMPLES = 512
_LARGEST_FOLDER = 8_000_000  # bytes: larger folders do not belong into git
_TOLERANCES = {"float16": FLOAT16, "int8": INT8}
_HINTS = {"float16": "", "int8": "; --quantize float16 is closer to it"}


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

    The folder also holds the files of `extras`, a generated README.md, and the weights that `export` and `train --from`
    begin with, unless the folder would then be larger than 8 MB.

    Args:
        model: A `keras.Model` from the card's feature to logits by label set.
        features: (n, ...), inputs, preferably of the data that choices are made on; on the first 512 the exported file
            must answer as the model does.
        card: The card without files and known answer, which are filled in.
        out: The folder to write; one that exists is replaced.
        quantize: "float16", or "int8" for half of its size.
        store_weights: Whether to keep the weights too.
        extras: Further files by name; see `Recipe.extras`.

    Raises:
        TrainingError: The exported file does not answer as the model does, or `quantize` is unknown.
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
        if store_weights and _keep_weights(model, folder / WEIGHTS_FILE, room):
            names.append(WEIGHTS_FILE)
        return names, _facts(model, quantize, parity)

    return write_folder(card, out, fill)


def _keep_weights(model, path: Path, room: int) -> bool:
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


_APART = 0.01  # largest difference, as a share of the length of the network's output
_PICTURES = 16


def write_extras(model, extras: Mapping[str, Callable[[Any], Any]], folder: Path) -> list[str]:
    """Write parts of a model as `.tflite` files with float16 weights, each checked against its network.

    Args:
        model: The trained `keras.Model`.
        extras: By file name, a function from the model to a network of one output; see `Recipe.extras`.
        folder: The folder to write the files in.

    Returns:
        Names of the files.

    Raises:
        TrainingError: A file does not answer as its network does.
    """
    for name, cut in extras.items():
        network = cut(model)
        write_litert(network, folder / name, "float16")
        apart = _apart(network, folder / name)
        if not apart <= _APART:
            raise TrainingError(f"{name}: the file is {apart:.2%} off the network that it was made from; report this")
    return list(extras)


def _apart(network, path: Path) -> float:
    examples = pictures(network.input_shape[1:], _PICTURES)
    run = LiteRTRunner(path, path.read_bytes(), threads=1)
    given = np.concatenate([values for example in examples for values in run(example[None]).values()])
    expected = network.predict(examples, batch_size=1, verbose=0)
    return float((np.linalg.norm(given - expected, axis=1) / np.linalg.norm(expected, axis=1)).max())


_SCIKIT_FILE = "model.skops"
_FINENESSES = (2**-15, 2**-17, 2**-19)  # of the kernel's width, 1 / sqrt(gamma); the first that is fine enough


def export_scikit(model: ScikitRunner, features: np.ndarray, card: Card, out: Path, quantize: str = "float16") -> Card:
    """Write a model folder with skops, a format without code; it appears under its name only when it is whole.

    Support vectors are rounded to a small part of the kernel's width, which halves the packed file. Float16 would be
    too coarse: an answer is the sum over thousands of support vectors, and probabilities were off by up to 2%.

    Args:
        model: Model that `ScikitTrainer.fit` returns.
        features: (n, ...), inputs; on the first 512 the exported file must answer as the model does.
        card: The card without files and known answer, which are filled in.
        out: The folder to write; one that exists is replaced.
        quantize: "float16", the default of networks; the numbers are as fine as the answers need them.

    Raises:
        TrainingError: The exported file does not answer as the model does, or `quantize` is for networks only.
    """
    if quantize != "float16":
        raise TrainingError(f"--quantize {quantize}: is for networks, and this model is none; leave it out")

    def fill(folder: Path) -> tuple[list[str], dict]:
        path = folder / _SCIKIT_FILE
        labels = {name: len(output.labels) for name, output in card.outputs.items()}
        expected = model(features[:_EXAMPLES])
        for fineness in _FINENESSES:
            write_skops(_rounded(model.pipeline, fineness), path)
            parity = measure(expected, open_scikit(path, path.read_bytes(), labels, 1)()(features[:_EXAMPLES]))
            if parity.apart <= EXACT.apart:
                break
        check(parity, EXACT)
        return [_SCIKIT_FILE], {"parity": parity.facts()}

    return write_folder(card, out, fill)


def write_skops(pipeline, path: Path) -> None:
    """Write a fitted pipeline with skops, packed by bzip2, which packs rounded numbers best."""
    import skops.io

    skops.io.dump(pipeline, path, compression=zipfile.ZIP_BZIP2)


def _rounded(pipeline, fineness: float):
    rounded = copy.deepcopy(pipeline)
    for _, step in rounded.steps:
        if hasattr(step, "support_vectors_"):
            unit = 2.0 ** np.floor(np.log2(fineness / np.sqrt(step._gamma)))
            step.support_vectors_ = np.round(step.support_vectors_ / unit) * unit
    return rounded
