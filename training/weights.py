"""A network's weights as one small file that NumPy alone reads: half precision, no optimizer, no code."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.damage import DAMAGE
from training.errors import TrainingError


def save_weights(model, path: Path) -> None:
    """Write a model's weights to a .npz file, whole or not at all.

    Kernels are float16 where that holds them; vectors (biases, what batch normalisation has measured) are float32, as
    they weigh next to nothing and may lie outside float16's range. The names are the weights' places in the model.
    """
    arrays = {name: _small(np.asarray(variable)) for name, variable in _named(model).items()}
    partial = path.with_name(f"partial-{path.name}")
    with open(partial, "wb") as stream:
        np.savez_compressed(stream, **arrays)
    partial.replace(path)


def load_weights(model, path: Path, *, trunk: bool = False) -> None:
    """Fill a model with the weights that `save_weights` or Keras (.h5) wrote, on whatever backend.

    Args:
        model: What is to be filled.
        path: The file.
        trunk: Take the first weights of a .npz file, which may go on with others. Where only the last axis is longer
            there, as in the last layer of a trunk with more outputs, its first numbers are taken.

    Raises:
        TrainingError: the file is missing or damaged, or of another model; the first weight that differs is named.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; give one with weights, .weights.h5 or .npz")
    if path.suffix == ".h5":
        _load_h5(model, path)
        return
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except DAMAGE as error:
        raise TrainingError(f"{path}: not readable as weights ({error})") from None
    variables = _named(model)
    for name in variables if trunk else [*variables, *arrays]:
        here = tuple(variables[name].shape) if name in variables else "missing"
        if trunk and name in arrays and arrays[name].shape[:-1] == here[:-1]:
            arrays[name] = arrays[name][..., : here[-1]]
        there = arrays[name].shape if name in arrays else "missing"
        if here != there:
            raise TrainingError(f"{path}: of another model: the weight {name!r} is {there} there and {here} here")
    for name, variable in variables.items():
        variable.assign(arrays[name].astype(np.float32))


def _load_h5(model, path: Path) -> None:
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"{path}: not readable as weights of this model ({_first_line(error)})") from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _named(model) -> dict:
    """The weights by their place and name; Keras's own paths count up with every model that a process builds."""
    return {f"{place:03d}.{weight.name}": weight for place, weight in enumerate(model.weights)}


def _small(values: np.ndarray) -> np.ndarray:
    values = values.astype(np.float32)
    if values.ndim < 2 or np.abs(values).max(initial=0) > np.finfo(np.float16).max:
        return values
    return values.astype(np.float16)
