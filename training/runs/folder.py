"""The folder of one fit: its plan, its curves, and the weights of the best and of the latest epoch."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from core.recipes import Recipe, UnknownRecipeError, get_recipe
from training.errors import TrainingError
from training.files import DAMAGE

PLAN, CURVES = "fit.json", "history.csv"
BEST, LATEST = "best.weights.h5", "latest.weights.h5"
BEST_HALF = "best.weights.npz"
"""The best epoch's weights at half the precision and without the optimizer's state; see `training.runs.folder`."""
_EPOCHS = "epochs"
_HDF5_OVERHEAD = 4096  # bytes for each array; it takes about a half of that


def plan_of(folder: Path) -> dict:
    """What a run folder says of itself: recipe, settings, seed, precision, and of newer runs backend, data, start and
    pretrained.

    Raises:
        TrainingError: it is no run folder, or its plan is damaged.
    """
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        if not {"recipe", "settings", "seed", "precision"} <= set(plan) or not isinstance(plan["settings"], dict):
            raise ValueError("something is missing in it")
    except FileNotFoundError:
        raise TrainingError(f"{folder}: no {PLAN} in it; give the folder of a run") from None
    except (OSError, ValueError, TypeError) as error:
        raise TrainingError(f"{folder / PLAN}: not readable as the plan of a run ({error})") from None
    return {"backend": None, "data": None, "start": None, "pretrained": None} | plan


def recipe_of(plan: Mapping[str, Any]) -> tuple[Recipe, Any]:
    """The recipe and the settings that a plan names; a setting that is newer than the plan has its default.

    Raises:
        TrainingError: this version has no such recipe, or the recipe no such setting.
    """
    try:
        recipe = get_recipe(plan["recipe"])
    except UnknownRecipeError as error:
        raise TrainingError(f"the run is of an {error}") from None
    known = {field.name for field in fields(recipe.settings)}
    if unknown := sorted(set(plan["settings"]) - known):
        raise TrainingError(f"the run was set {unknown[0]!r}, which the recipe {recipe.name!r} of this version lacks")
    return recipe, recipe.settings(**plan["settings"])


def claim(folder: Path, recipe: Recipe, settings: Any, plan: Mapping[str, Any]) -> None:
    """Make the folder a run's own, or see that it is the same run's already.

    Args:
        folder: Of the run.
        recipe: Of the run.
        settings: Of the run.
        plan: Its seed, precision, backend, data, start and pretrained. Another backend may go on with a run, and data
            and pretrained weights of which either side knows nothing are not compared.

    Raises:
        TrainingError: another run lies there; the first thing that differs is named.
    """
    if (folder / PLAN).exists():
        found = plan_of(folder)
        theirs = asdict(recipe_of(found)[1]) if found["recipe"] == recipe.name else {}
        compared = {"recipe": (found["recipe"], recipe.name)}
        compared |= {name: (theirs.get(name), value) for name, value in asdict(settings).items()}
        compared |= {name: (found[name], plan[name]) for name in ("seed", "precision", "start")}
        for name in ("data", "pretrained"):
            if found[name] and plan[name]:
                compared |= {name: (found[name], plan[name])}
        for name, (there, here) in compared.items():
            if there != here:
                raise TrainingError(
                    f"{folder} holds a run with other settings ({name} is {there} there, {here} here); "
                    "give another --run folder or delete it"
                )
        return
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"recipe": recipe.name, "settings": asdict(settings)} | dict(plan)
    partial = folder / f"partial-{PLAN}"
    partial.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / PLAN)


def read_history(folder: Path) -> list[dict[str, str]]:
    """The rows of the curves, one for each epoch so far."""
    if not (folder / CURVES).exists():
        return []
    with open(folder / CURVES, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write_history(folder: Path, rows: list[dict]) -> None:
    """Write the curves, whole or not at all."""
    partial = folder / f"partial-{CURVES}"
    with open(partial, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(folder / CURVES)


def save(model, path: Path, epochs: int) -> None:
    """Write a model's weights after so many epochs, with its optimizer's state; whole or not at all.

    Raises:
        OSError: there is no room for it.
    """
    import h5py

    partial = path.with_name(f"partial-{path.name}")
    _reserve(partial, model)
    model.save_weights(partial)
    with h5py.File(partial, "a") as file:
        file.attrs[_EPOCHS] = epochs
    partial.replace(path)


def _reserve(path: Path, model) -> None:
    """See that there is room for a model's weights: HDF5 takes the process down where the disk is full."""
    if not hasattr(os, "posix_fallocate"):
        return
    variables = [*model.weights, *(model.optimizer.variables if model.optimizer else ())]
    size = sum(4 * math.prod(variable.shape) + _HDF5_OVERHEAD for variable in variables)
    try:
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size + _HDF5_OVERHEAD)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def saved_history(folder: Path) -> list[dict[str, str]]:
    """The rows of the curves up to the latest checkpoint; none where there is no checkpoint.

    The curves are written first: a kill between the two leaves a row whose epoch is to be repeated.
    """
    import h5py

    if not (folder / LATEST).exists():
        return []
    with h5py.File(folder / LATEST) as file:
        return read_history(folder)[: file.attrs.get(_EPOCHS)]  # a run of an earlier version does not say


def best_of(folder: Path) -> Path:
    """The file with the weights of a run's best epoch.

    Raises:
        TrainingError: the run has not finished an epoch.
    """
    for path in (folder / BEST, folder / BEST_HALF):
        if path.is_file():
            return path
    raise TrainingError(f"{folder}: no weights in it: the run has not finished an epoch")


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
