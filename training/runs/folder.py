"""The folder of one run: its plan, its curves, and the weights of the best and of the latest epoch."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.recipes import Recipe, UnknownRecipeError, get_recipe
from core.runtime.files import replacing, write_whole
from training.errors import TrainingError
from training.files import DAMAGE

PLAN, CURVES = "fit.json", "history.csv"
BEST, LATEST = "best.weights.h5", "latest.weights.h5"
BEST_HALF = "best.weights.npz"
"""The best epoch's weights at half the precision and without the optimizer's state; see `save_weights`."""
_EPOCHS = "epochs"
_HDF5_OVERHEAD = 4096  # bytes for each array, about twice what HDF5 takes


@dataclass(frozen=True)
class RunPlan:
    """What was chosen before a run began; `fit.json` holds it.

    Attributes:
        recipe: Name of the recipe.
        settings: Values of the recipe's settings, by name.
        seed: Seed of the weights, of the order of the examples and of the jitter.
        precision: Keras dtype policy.
        backend: Keras backend that fits, or "scikit-learn"; None where an earlier version did not note it.
        data: Name and hash of the dataset, and whatever else the examples depend on; None where it is not known.
        start: First 32 hex digits of the sha256 of the weights that the run began from; None if it began from none.
        pretrained: Name and sha256 of the file that filled the backbone; None without one.
    """

    recipe: str
    settings: Mapping[str, Any]
    seed: int
    precision: str
    backend: str | None = None
    data: Mapping[str, Any] | None = None
    start: str | None = None
    pretrained: Mapping[str, str] | None = None

    @classmethod
    def read(cls, folder: Path) -> RunPlan:
        """Read the plan of a run folder.

        Raises:
            TrainingError: The folder is no run folder, or its plan is damaged.
        """
        try:
            told = json.loads((folder / PLAN).read_text(encoding="utf-8"))
            plan = cls(**{name: told[name] for name in told.keys() & {field.name for field in fields(cls)}})
            if not isinstance(plan.settings, dict):
                raise ValueError("its settings are no mapping")
        except FileNotFoundError:
            raise TrainingError(f"{folder}: no {PLAN} in it; give the folder of a run") from None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise TrainingError(f"{folder / PLAN}: not readable as the plan of a run ({error})") from None
        return plan

    def recipe_and_settings(self) -> tuple[Recipe, Any]:
        """Find the recipe and make its settings; a setting that is newer than the plan has its default.

        Raises:
            TrainingError: This version has no such recipe, or the recipe no such setting.
        """
        try:
            recipe = get_recipe(self.recipe)
        except UnknownRecipeError as error:
            raise TrainingError(f"the run is of an {error}") from None
        known = {field.name for field in fields(recipe.settings)}
        if unknown := sorted(set(self.settings) - known):
            raise TrainingError(
                f"the run was set {unknown[0]!r}, which the recipe {recipe.name!r} of this version lacks"
            )
        return recipe, recipe.settings(**self.settings)

    def differences(self, other: RunPlan) -> dict[str, tuple[Any, Any]]:
        """Compare two plans; without a difference, a run of the one can be continued as the other says.

        The backend may change. Data and pretrained weights are compared where both plans know them.

        Returns:
            Pairs of this plan's value and the other's, by the name of the entry or setting.

        Raises:
            TrainingError: This version has no such recipe, or the recipe no such setting.
        """
        if self.recipe != other.recipe:
            return {"recipe": (self.recipe, other.recipe)}
        mine, theirs = (asdict(plan.recipe_and_settings()[1]) for plan in (self, other))
        pairs = {name: (mine[name], theirs[name]) for name in mine}
        pairs |= {name: (getattr(self, name), getattr(other, name)) for name in ("seed", "precision", "start")}
        known = [name for name in ("data", "pretrained") if getattr(self, name) and getattr(other, name)]
        pairs |= {name: (getattr(self, name), getattr(other, name)) for name in known}
        return {name: (here, there) for name, (here, there) in pairs.items() if here != there}

    def claim(self, folder: Path) -> None:
        """Write the plan into a new run folder, or see that the folder holds a run of this plan already.

        Raises:
            TrainingError: The folder holds another run; the message names the first difference.
        """
        if (folder / PLAN).exists():
            for name, (here, there) in self.differences(RunPlan.read(folder)).items():
                raise TrainingError(
                    f"{folder} holds a run with other settings ({name} is {there} there, {here} here); "
                    "give another --run folder or delete it"
                )
            return
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / PLAN, json.dumps(asdict(self), indent=2) + "\n")


def read_history(folder: Path) -> list[dict[str, str]]:
    """Read the curves, a row for each finished epoch; none before the first."""
    if not (folder / CURVES).exists():
        return []
    with open(folder / CURVES, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write_history(folder: Path, rows: list[dict]) -> None:
    """Write the curves, one row for each epoch, whole or not at all."""
    with replacing(folder / CURVES) as partial, open(partial, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@dataclass(frozen=True)
class Outlook:
    """How far a run is.

    Attributes:
        rows: The curves (loss, val_loss, val_accuracy, seconds), a row for each finished epoch.
        epochs: Number of epochs in the whole run; None before the run has begun, and for a fit in one go.
        seconds_left: Time that the rest takes at most; None before the first epoch is finished.
    """

    rows: tuple[Mapping[str, float], ...]
    epochs: int | None
    seconds_left: float | None


def outlook(folder: Path, since: datetime) -> Outlook:
    """Tell how far a run is that was started, or continued, at the time `since`."""
    rows = tuple({name: float(text) for name, text in row.items() if text} for row in read_history(folder))
    try:
        epochs = json.loads((folder / PLAN).read_text(encoding="utf-8"))["settings"].get("epochs")
    except FileNotFoundError:
        epochs = None
    if not rows or epochs is None:
        return Outlook(rows, epochs, None)
    last_end = datetime.fromtimestamp((folder / CURVES).stat().st_mtime, UTC)
    gone = max(0.0, (datetime.now(UTC) - max(last_end, since)).total_seconds())  # the clock may have been set back
    return Outlook(rows, epochs, max(0.0, (epochs - len(rows)) * rows[-1]["seconds"] - gone))


def save(model, path: Path, epochs: int) -> None:
    """Write a checkpoint: a model's weights and its optimizer's state, whole or not at all.

    Args:
        model: A compiled `keras.Model`.
        path: The file, whose name ends in .weights.h5.
        epochs: Number of epochs that the model was trained for.

    Raises:
        OSError: There is no room for the file.
    """
    import h5py

    partial = path.with_name(f"partial-{path.name}")  # Keras writes only to names that end in .weights.h5
    _reserve(partial, model)
    model.save_weights(partial)
    with h5py.File(partial, "a") as file:
        file.attrs[_EPOCHS] = epochs
    partial.replace(path)


def _reserve(path: Path, model) -> None:
    """Reserve room for a model's weights: HDF5 ends the process where the disk is full."""
    if not hasattr(os, "posix_fallocate"):
        return
    variables = [*model.weights, *(model.optimizer.variables if getattr(model, "optimizer", None) else ())]
    size = sum(4 * math.prod(variable.shape) + _HDF5_OVERHEAD for variable in variables)
    try:
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size + _HDF5_OVERHEAD)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def saved_history(folder: Path) -> list[dict[str, str]]:
    """Read the curves up to the latest checkpoint; none without a checkpoint.

    The curves are written first: a kill between the two leaves a row whose epoch is repeated.
    """
    import h5py

    if not (folder / LATEST).exists():
        return []
    with h5py.File(folder / LATEST) as file:
        return read_history(folder)[: file.attrs.get(_EPOCHS)]  # a run of an earlier version does not say


def best_of(folder: Path) -> Path:
    """Find the file with the weights of a run's best epoch.

    Raises:
        TrainingError: The run has not finished an epoch.
    """
    for path in (folder / BEST, folder / BEST_HALF):
        if path.is_file():
            return path
    raise TrainingError(f"{folder}: no weights in it: the run has not finished an epoch")


def save_weights(model, path: Path) -> None:
    """Write a model's weights to a .npz file, whole or not at all.

    Kernels are float16 if their values fit; vectors (biases, the statistics of batch normalisation) are float32, as
    they take little room and may lie outside float16's range. The arrays are named by the weights' places in the model.
    """
    arrays = {name: _small(np.asarray(variable)) for name, variable in _named(model).items()}
    with replacing(path) as partial, open(partial, "wb") as stream:
        np.savez_compressed(stream, **arrays)


def load_weights(model, path: Path, *, trunk: bool = False) -> None:
    """Fill a model with the weights that `save_weights` or Keras (.h5) wrote, on any backend.

    Args:
        model: The `keras.Model` to fill.
        path: The file.
        trunk: Take the first weights of a .npz file that may hold more. Where only the last axis is longer in the file,
            as in the last layer of a trunk with more outputs, its first numbers are taken.

    Raises:
        TrainingError: The file is missing, damaged or of another model; the message names the first weight that
            differs.
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
    """Name the weights by their place; Keras's own paths count up with every model that a process builds."""
    return {f"{place:03d}.{weight.name}": weight for place, weight in enumerate(model.weights)}


def _small(values: np.ndarray) -> np.ndarray:
    values = values.astype(np.float32)
    if values.ndim < 2 or np.abs(values).max(initial=0) > np.finfo(np.float16).max:
        return values
    return values.astype(np.float16)
