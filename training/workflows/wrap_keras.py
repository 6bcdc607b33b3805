"""Keras models from elsewhere -> models that take the grey crop and answer in `fer7`."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.labels import FER7, UnknownLabelError
from training.errors import TrainingError

IGNORED = "-"
"""Label for an answer that is none of FER2013's, such as contempt."""

_INPUT = re.compile(r"(\d+)x(\d+) (grey|gray|rgb|bgr) (-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)", re.IGNORECASE)
_LARGEST_SIDE = 1024
_NEVER = -1e3  # logarithm of the probability of an expression that the model does not know
_FLOOR = 1e-7  # a probability of zero has no logarithm


@dataclass(frozen=True)
class Input:
    """The input of a model from elsewhere: pictures (n, height, width, channels), float32 from `low` to `high`."""

    height: int
    width: int
    channels: int
    low: float
    high: float


def parse_input(text: str) -> Input:
    """Parse a description of an input, such as "48x48 grey 0..1" or "224x224 rgb -1..1".

    Raises:
        TrainingError: The text is not of that form.
    """
    match = _INPUT.fullmatch(" ".join(text.split()))
    if match:
        height, width, low, high = int(match[1]), int(match[2]), float(match[4]), float(match[5])
        if min(height, width) >= 8 and max(height, width) <= _LARGEST_SIDE and low < high:
            return Input(height, width, 1 if match[3].lower().startswith("gr") else 3, low, high)
    raise TrainingError(
        f'--input "{text}": give height x width, grey or rgb, and the range of a pixel, such as "48x48 grey 0..1" or '
        '"224x224 rgb -1..1"'
    )


def parse_labels(text: str) -> list[int | None]:
    """Parse labels in any known spelling, separated by commas, into positions in `FER7`; None stands for `IGNORED`.

    Raises:
        TrainingError: A label is unknown or given twice, or there are fewer than two.
    """
    names = [name.strip() for name in text.split(",")]
    try:
        positions = [None if name == IGNORED else FER7.index(name) for name in names]
    except UnknownLabelError as error:
        raise TrainingError(f"--labels: {error}; {IGNORED} stands for an answer that is to be left out") from None
    known = [position for position in positions if position is not None]
    if len(set(known)) != len(known):
        raise TrainingError(f"--labels {text}: {FER7.labels[max(known, key=known.count)]} is given twice; give it once")
    if len(known) < 2:
        raise TrainingError(f"--labels {text}: name at least two expressions, in the order of the model's answers")
    return positions


def load_foreign(path: Path):
    """Load the `keras.Model` of a `.keras` or `.h5` file, unless it could hold code.

    Raises:
        TrainingError: The file is missing or damaged, or holds Lambda layers or classes that are not Keras's own.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; give a .keras or .h5 file")
    for class_name, module in _classes(_config(path)):
        if class_name in ("Lambda", "TFOpLambda", "SlicingOpLambda"):
            raise TrainingError(f"{path}: has a {class_name} layer, which holds code; save the model without it")
        if module is not None and module.partition(".")[0] not in ("keras", "builtins"):
            raise TrainingError(
                f"{path}: has a {class_name} of {module}, which is not Keras's own; save the model without it"
            )
    import keras

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras lets anything through that a damaged file leads to
        raise TrainingError(f"{path}: Keras cannot load it ({_first_line(error)})") from None


def wrap(model, given: Input, labels: list[int | None], path: Path):
    """Wrap a model from elsewhere into a `keras.Model` from uint8 (n, 48, 48, 1) to logits {"fer7": (n, 7)}.

    The new model scales the picture, repeats it to three channels and resizes it. Expressions that the inner model does
    not know get a probability of zero.

    Args:
        model: The inner `keras.Model`.
        given: Input of the inner model.
        labels: Positions in `FER7` of the inner model's answers; None for an answer to leave out.
        path: File of the inner model, for messages.

    Raises:
        TrainingError: The model has another input or another number of answers.
    """
    import keras
    from keras import ops

    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise TrainingError(f"{path}: has {len(model.inputs)} inputs and {len(model.outputs)} outputs instead of one")
    wanted = (given.height, given.width, given.channels)
    shape, answers = tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])
    if len(shape) != 3 or any(have not in (None, want) for have, want in zip(shape, wanted, strict=True)):
        raise TrainingError(f"{path}: takes pictures of {_times(shape)}, and --input says {_times(wanted)}")
    if answers != (len(labels),):
        raise TrainingError(f"{path}: gives {_times(answers)} answers, and --labels names {len(labels)}")

    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    x = ops.cast(image, "float32") * ((given.high - given.low) / 255) + given.low
    if wanted[:2] != (48, 48):
        x = ops.image.resize(x, wanted[:2], interpolation="bilinear")
    x = ops.repeat(x, given.channels, axis=3) if given.channels > 1 else x
    logits = model(x, training=False) if _take_off_softmax(model) else _logarithm(model, x, path)
    none = ops.full_like(logits[:, :1], _NEVER)
    places = [labels.index(label) if label in labels else len(labels) for label in range(len(FER7))]
    logits = ops.take(ops.concatenate([ops.cast(logits, "float32"), none], axis=1), np.array(places), axis=1)
    return keras.Model(image, {"fer7": keras.layers.Identity(name="fer7", dtype="float32")(logits)}, name="adopted")


def _take_off_softmax(model) -> bool:
    """Remove the softmax of the last layer, if it is a dense layer with one, so that it gives logits."""
    import keras

    layer = model.outputs[0]._keras_history.operation
    if getattr(layer, "activation", None) is not keras.activations.softmax or not isinstance(layer, keras.layers.Dense):
        return False
    layer.activation = keras.activations.linear
    return True


def _logarithm(model, x, path: Path):
    """Take logarithms of answers that are probabilities, which a trial shows; leave logits as they are."""
    from keras import ops

    noise = np.random.default_rng(0).uniform(0, 1, (8, *x.shape[1:])).astype(np.float32)
    tried = np.asarray(model.predict(noise, verbose=0))
    logits = model(x, training=False)
    if not np.isfinite(tried).all():
        raise TrainingError(f"{path}: its answers are not finite; the file is damaged, or its training failed")
    if tried.min() >= 0 and np.allclose(tried.sum(axis=1), 1, atol=1e-3):
        return ops.log(ops.maximum(logits, _FLOOR))
    if tried.min() >= 0 and tried.max() <= 1:
        raise TrainingError(f"{path}: its answers do not sum to 1, so they are neither probabilities nor logits")
    return logits


def _config(path: Path) -> dict:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return json.loads(archive.read("config.json"))
        import h5py

        with h5py.File(path, "r") as file:
            return json.loads(file.attrs["model_config"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, zipfile.BadZipFile):
        raise TrainingError(
            f"{path}: not a whole Keras model; save it with model.save (a file of weights alone is not enough)"
        ) from None


def _classes(config):
    """Name and module (None in older files) of every class and function in a model's configuration."""
    todo = [config]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if isinstance(node.get("class_name"), str):
                module = node.get("module")
                yield node["class_name"], module if module is None else str(module)
            todo += node.values()
        elif isinstance(node, list):
            todo += node


def _times(shape: tuple) -> str:
    return "x".join("any" if side is None else str(side) for side in shape) or "no size"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
