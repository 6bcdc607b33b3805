"""Fitting a scikit-learn recipe: in one go, of which the run's folder keeps the pipeline and one row of curves."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.inference.scikit import ScikitRunner, open_scikit
from core.labels import LABEL_SETS
from core.recipes import Recipe
from training.errors import TrainingError
from training.export.scikit_folder import write_skops
from training.fit.examples import Examples, class_weights, epoch_order, targets
from training.runs.folder import claim, plan_of, read_history, recipe_of, write_history
from training.settings import check_settings

BEST = "best.skops"


def fit(
    recipe: Recipe,
    settings: Any,
    training: Examples,
    validation: Examples,
    folder: Path,
    *,
    seed: int = 0,
    precision: str = "float32",
    minutes: float | None = None,
    start: Path | None = None,
    data: Mapping[str, Any] | None = None,
    on_epoch: Callable[[dict], None] | None = None,
    say: Callable[[str], None] = print,
):
    """Fit a recipe's pipeline, or read it where the folder holds it already; see `training.fit.keras_fit.fit`.

    What is returned is the `core.inference.scikit.ScikitRunner` that serves the pipeline. An example that people disagree
    about is learnt from once for each answer, weighing as much as its target gives it.
    `minutes` are of no account: as of a network's first epoch, what was begun is finished.

    Raises:
        TrainingError: as `prepare`, or scikit-learn refuses the settings.
    """
    prepare(recipe, settings, training, validation, folder, seed=seed, precision=precision, start=start, data=data)
    if not is_finished(folder):
        started = time.monotonic()
        say(f"fitting {recipe.name} on {len(training)} faces")
        pipeline = fitted(recipe, settings, training, seed)
        truth = _targets(recipe, validation, 0.0).argmax(axis=1)
        row = {"epoch": 1, "val_accuracy": float(pipeline.score(_flat(validation.features), truth))}
        row["seconds"] = round(time.monotonic() - started, 1)
        write_skops(pipeline, folder / BEST)
        write_history(folder, [row])
        say(f"val_accuracy {row['val_accuracy']:.4f}, {row['seconds']:.0f} s")
        if on_epoch:
            on_epoch(row)
    return load_best(folder)[2]


def fitted(recipe: Recipe, settings: Any, examples: Examples, seed: int = 0):
    """The recipe's `sklearn.pipeline.Pipeline`, fitted on examples; nothing is written.

    Raises:
        TrainingError: scikit-learn refuses the settings.
    """
    pipeline = recipe.build(settings)
    rows, labels, weights = _lesson(recipe, settings, examples, seed)
    try:
        pipeline.fit(_flat(examples.features)[rows], labels, **{f"{pipeline.steps[-1][0]}__sample_weight": weights})
    except ValueError as error:
        raise TrainingError(f"scikit-learn cannot fit {recipe.name!r} so: {error}") from None
    return pipeline


def prepare(
    recipe: Recipe,
    settings: Any,
    training: Examples,
    validation: Examples,
    folder: Path,
    *,
    seed: int = 0,
    precision: str = "float32",
    start: Path | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Make the folder this run's own, as `fit` does first of all; what cannot be fitted leaves nothing behind.

    Raises:
        TrainingError: the folder holds a run of another recipe, seed or settings; an option is none of scikit-learn's;
            a setting is out of range; or a class has no example.
    """
    check_settings(settings)
    if precision != "float32":
        raise TrainingError(f"--precision {precision}: is for networks, and scikit-learn fits {recipe.name!r}")
    missing = set(range(_targets(recipe, training, 0.0).shape[1])) - set(training.labels.tolist())
    if missing:
        raise TrainingError(f"no image of class {min(missing)} to learn from; scikit-learn needs some of every class")
    plan = {"seed": seed, "precision": precision, "backend": "scikit-learn", "data": data and dict(data)}
    claim(folder, recipe, settings, plan | {"start": None, "pretrained": None})


def load_best(folder: Path) -> tuple[Recipe, Any, ScikitRunner]:
    """What a run's folder holds: recipe, settings, and the fitted pipeline.

    Raises:
        TrainingError: it is no run folder, or nothing was fitted yet.
        ModelError: the pipeline's file is damaged.
    """
    recipe, settings = recipe_of(plan_of(folder))
    if not (folder / BEST).is_file():
        raise TrainingError(f"{folder}: no {BEST} in it: the fit did not come to its end")
    labels = {name: len(LABEL_SETS[name]) for name in recipe.label_sets}
    return recipe, settings, open_scikit(folder / BEST, (folder / BEST).read_bytes(), labels, 1)()


def is_finished(folder: Path) -> bool:
    """Whether a run has been fitted."""
    return bool(read_history(folder))


def _lesson(recipe: Recipe, settings: Any, examples: Examples, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which rows of the examples are learnt from, as what, and how much each of them weighs."""
    order = epoch_order(examples.labels, settings.balance, np.random.default_rng(seed))
    taught = _targets(recipe, examples, settings.votes)[order]
    if settings.balance == "weights":
        taught = taught * class_weights(examples.labels)[order, None]
    places, labels = np.nonzero(taught)
    return order[places], labels, taught[places, labels]


def _targets(recipe: Recipe, examples: Examples, share: float) -> np.ndarray:
    return targets(recipe.label_sets[0], examples.labels, examples.votes, share)


def _flat(features: np.ndarray) -> np.ndarray:
    return features.reshape(len(features), -1)
