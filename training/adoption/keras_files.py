"""Keras files from elsewhere -> models that take the grey crop and answer in `fer7`."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.inference.adopted import FLOOR, NEVER
from core.inference.pictures import PictureForm
from core.labels import FER7
from training.adoption.keras2 import HARD_SIGMOID, hard_sigmoid, is_keras_2, modernised
from training.adoption.trials import are_probabilities, noise
from training.errors import TrainingError

_OURS = ("keras", "tf_keras", "builtins")
_LONGEST_REASON = 500  # characters
_CODE = ("Lambda", "TFOpLambda", "SlicingOpLambda")


def load_foreign(path: Path):
    """Load the `keras.Model` of a `.keras` or `.h5` file, unless it could hold code.

    Raises:
        TrainingError: The file is missing or damaged, or holds Lambda layers or classes that are not Keras's own.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; give a .keras or .h5 file")
    config, version = _config(path)
    for class_name, module in _classes(config):
        if class_name in _CODE:
            raise TrainingError(
                f"{path}: has a {class_name} layer, which holds code; save the model without it, or export it to ONNX "
                "or TFLite and adopt that file"
            )
        if module is not None and module.partition(".")[0] not in _OURS:
            raise TrainingError(
                f"{path}: has a {class_name} of {module}, which is not Keras's own; save the model without it"
            )
    try:
        return _load_keras_2(path, config) if is_keras_2(version) else _load_keras_3(path)
    except Exception as error:  # Keras lets anything through that a damaged file leads to
        raise TrainingError(f"{path}: Keras cannot load it ({_reason(error)})") from None


def _load_keras_3(path: Path):
    import keras

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def _load_keras_2(path: Path, config: dict):
    import keras

    config = modernised(config)
    for class_name, module in _classes(config):
        if module == "keras.layers" and not hasattr(keras.layers, class_name):
            raise ValueError(
                f"Keras 3 has no {class_name}; export the model to ONNX or TFLite where it was made, and adopt that"
            )
    with keras.saving.custom_object_scope({HARD_SIGMOID: hard_sigmoid}):
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
    with tempfile.TemporaryDirectory() as scratch:  # Keras tells the kind of a file from its suffix, which may be wrong
        copy = Path(scratch) / ("model.keras" if zipfile.is_zipfile(path) else "model.h5")
        shutil.copyfile(path, copy)
        model.load_weights(copy)
    return model


def wrap(model, given: PictureForm, labels: Sequence[str], path: Path):
    """Wrap a model from elsewhere into a `keras.Model` from uint8 (n, 48, 48, 1) to logits {"fer7": (n, 7)}.

    The new model scales the picture, repeats it to three channels and resizes it. Expressions that the inner model does
    not know get a probability of zero.

    Args:
        model: The inner `keras.Model`.
        given: The pictures that the inner model takes.
        labels: Labels of the inner model's answers, in their order; `IGNORED` for an answer to leave out.
        path: File of the inner model, for messages.

    Raises:
        TrainingError: The model has another input or another number of answers.
    """
    import keras
    from keras import ops

    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise TrainingError(f"{path}: has {len(model.inputs)} inputs and {len(model.outputs)} outputs instead of one")
    wanted = given.shape
    shape, answers = tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])
    if len(shape) != 3 or any(have not in (None, want) for have, want in zip(shape, wanted, strict=True)):
        raise TrainingError(f"{path}: takes pictures of {_times(shape)}, and --input says {_times(wanted)}")
    if answers != (len(labels),):
        raise TrainingError(f"{path}: gives {_times(answers)} answers, and --labels names {len(labels)}")

    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    x = ops.cast(image, "float32")
    if wanted[:2] != (48, 48):
        x = ops.image.resize(x, wanted[:2], interpolation="bilinear")
    x = x * given.scale + given.offset
    logits = model(x, training=False) if _take_off_softmax(model) else _logarithm(model, x, path)
    none = ops.full_like(logits[:, :1], NEVER)
    places = [labels.index(label) if label in labels else len(labels) for label in FER7.labels]
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

    tried = np.asarray(model.predict(noise(x.shape[1:]), verbose=0))
    logits = model(x, training=False)
    return ops.log(ops.maximum(logits, FLOOR)) if are_probabilities(tried, path) else logits


def _config(path: Path) -> tuple[dict, str | None]:
    """The configuration of the model in a file, and the version of Keras that wrote it where the file says so."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                metadata = json.loads(archive.read("metadata.json")) if "metadata.json" in archive.namelist() else {}
                return json.loads(archive.read("config.json")), metadata.get("keras_version")
        import h5py

        with h5py.File(path, "r") as file:
            return json.loads(file.attrs["model_config"]), _as_text(file.attrs.get("keras_version"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, zipfile.BadZipFile):
        raise TrainingError(
            f"{path}: not a whole Keras model; save it with model.save (a file of weights alone is not enough)"
        ) from None


def _as_text(value: str | bytes | None) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


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


def _reason(error: Exception) -> str:
    """What Keras says is wrong: it comes last, after the whole configuration of the layer."""
    text = " ".join(str(error).split()).rpartition("Exception encountered: ")[2]
    return text[:_LONGEST_REASON] or type(error).__name__
