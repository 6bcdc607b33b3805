"""Fitting a Keras recipe. Needs nothing but NumPy, Keras and one backend, and resumes after a kill."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.labels import FER7
from core.recipes import Recipe
from training.errors import TrainingError
from training.fit.epochs import Lesson, reseed, train_epoch, validate
from training.fit.examples import Examples, blended, class_weights, epoch_order, targets
from training.fit.progress import Progress
from training.fit.transfer import begin, begin_epoch, fill, weights_file
from training.runs.folder import (
    BEST,
    LATEST,
    best_of,
    claim,
    load_weights,
    plan_of,
    read_history,
    recipe_of,
    save,
    saved_history,
    write_history,
)
from training.settings import check_settings

__all__ = ["PRECISIONS", "Examples", "fit", "is_finished", "load_best", "plan_of", "prepare"]

PRECISIONS = ("float32", "mixed_bfloat16")


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
    """Train a recipe and return the `keras.Model` of its best epoch (by validation accuracy on the first label set).

    `folder` takes a checkpoint at every epoch; calling again with the same folder goes on from there, in the same
    order of examples. `is_finished` tells whether there is anything left to do.

    Args:
        recipe: What to train.
        settings: An instance of `recipe.settings`.
        training: What it learns from; what does not fill a batch at the end of an epoch waits for the next one.
        validation: What the best epoch is chosen on; its labels alone count, or where a label set has no label of its
            own, the majority of the votes.
        folder: Where checkpoints, `history.csv` and `fit.json` go.
        seed: Of the weights, the order and the jitter.
        precision: Keras dtype policy; "mixed_bfloat16" is faster where the processor has AVX512-BF16.
        minutes: Stop before an epoch that would, taking as long as the one before, end later than this; the first
            epoch of a call is always finished. The schedule stays that of all the epochs; a later call goes on.
        start: Weights to begin from instead of random ones: of the same recipe and settings (.weights.h5 or .npz), or
            of the recipe of its trunk (.npz).
        data: Name and hash of the dataset, for `fit.json`; a run does not go on with other data.
        on_epoch: Takes the row of `history.csv` of each epoch, after its checkpoint.
        say: Takes a line for each epoch.

    Raises:
        TrainingError: the folder holds a run of another recipe, seed or settings; there are too few examples; a
            setting is out of range; `start` does not fit; or the loss is no longer a number.
    """
    import keras

    options = {"seed": seed, "precision": precision, "start": start, "data": data}
    pretrained = prepare(recipe, settings, training, validation, folder, **options)
    lessons = _lesson(recipe, settings, training), _lesson(recipe, settings, validation, chosen_on=True)
    keras.config.set_dtype_policy(precision)
    try:
        keras.utils.set_random_seed(seed)
        model = recipe.build(settings)
        if start:
            begin(model, recipe, start)
        elif pretrained:
            fill(model, recipe, pretrained)
        _fit(model, recipe, settings, lessons, training.labels, folder, seed, minutes, on_epoch, say)
    finally:
        keras.config.set_dtype_policy("float32")  # what is exported computes in full precision
    return load_best(folder)[2]


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
) -> Path | None:
    """Make the folder this run's own, as `fit` does first of all; what cannot be fitted leaves nothing behind.

    Returns:
        The file with pretrained weights that the fit begins with, if it does and has not begun yet.

    Raises:
        TrainingError: as `fit`, except for what shows only while it learns.
    """
    import keras

    check_settings(settings)
    _check(recipe, settings, training, validation, precision)
    begins = start is None and not saved_history(folder)
    pretrained = weights_file(recipe, settings) if begins else None
    plan = {"seed": seed, "precision": precision, "backend": keras.backend.backend(), "data": data and dict(data)}
    plan |= {"start": start and _hash(start)[:32], "pretrained": pretrained and _identity(pretrained)}
    claim(folder, recipe, settings, plan)
    return pretrained


def load_best(folder: Path) -> tuple[Recipe, Any, Any]:
    """What a run folder holds, finished or not: recipe, settings, and the `keras.Model` of its best epoch, in float32.

    Raises:
        TrainingError: it is no run folder, has no whole epoch yet, or is of another version's recipe.
    """
    recipe, settings = recipe_of(plan_of(folder))
    best = best_of(folder)
    model = recipe.build(settings)
    load_weights(model, best)
    return recipe, settings, model


def is_finished(folder: Path) -> bool:
    """Whether a run has had all its epochs, or stopped early by its own `patience`."""
    _, settings = recipe_of(plan_of(folder))
    return _is_over(read_history(folder), settings)


def _fit(model, recipe, settings, lessons, labels, folder, seed, minutes, on_epoch, say) -> None:
    training, validation = lessons
    steps = len(training) // settings.batch
    history: list[dict] = saved_history(folder)
    since = None
    if history:
        since = begin_epoch(model, recipe, settings, len(history) - 1, steps, since)
        load_weights(model, folder / LATEST)
    progress = Progress(say, settings.epochs, steps)
    first, began = len(history), time.monotonic()
    while not _is_over(history, settings):
        epoch, started = len(history), time.monotonic()
        if minutes is not None and epoch > first and started - began + history[-1]["seconds"] > 60 * minutes:
            say(f"stopped after {epoch} of {settings.epochs} epochs, before {minutes:g} minutes are over")
            break
        since = begin_epoch(model, recipe, settings, epoch, steps, since)
        rng = np.random.default_rng((seed, epoch))
        reseed(model, rng)
        with progress.epoch(epoch + 1) as step:
            loss = train_epoch(model, training, epoch_order(labels, settings.balance, rng), settings.batch, step)
        row = {"epoch": epoch + 1, "loss": loss} | validate(model, validation, recipe.label_sets[0])
        row["seconds"] = round(time.monotonic() - started, 1)
        if row["val_accuracy"] >= max((float(past["val_accuracy"]) for past in history), default=0.0):
            save(model, folder / BEST, epoch + 1)
        history.append(row)
        write_history(folder, history)
        save(model, folder / LATEST, epoch + 1)
        progress.report(row)
        if on_epoch:
            on_epoch(row)


def _is_over(history: list[dict], settings: Any) -> bool:
    if len(history) >= settings.epochs:
        return True
    accuracies = [float(row["val_accuracy"]) for row in history]
    best = max(range(len(accuracies)), key=lambda epoch: (accuracies[epoch], epoch), default=0)
    return bool(settings.patience) and len(history) - 1 - best >= settings.patience


def _lesson(recipe: Recipe, settings: Any, examples: Examples, chosen_on: bool = False) -> Lesson:
    share = 0.0 if chosen_on else settings.votes
    taught = {name: targets(name, examples.labels, examples.votes, share) for name in recipe.label_sets}
    if examples.taught is not None and FER7.name in taught and not chosen_on:
        taught[FER7.name] = blended(taught[FER7.name], examples.taught, settings.teachers)
    weighted = settings.balance == "weights" and not chosen_on
    return Lesson(examples.features, taught, class_weights(examples.labels) if weighted else None)


def _check(recipe: Recipe, settings: Any, training: Examples, validation: Examples, precision: str) -> None:
    if precision not in PRECISIONS:
        raise TrainingError(f"--precision {precision}: unknown; give one of {', '.join(PRECISIONS)}")
    if len(training) < settings.batch:
        raise TrainingError(f"{len(training)} images do not fill one batch of {settings.batch}; --set a smaller batch")
    if not len(validation):
        raise TrainingError("there are no images to choose the best epoch on; the dataset needs a PublicTest split")


def _identity(path: Path) -> dict[str, str]:
    return {"name": path.name, "sha256": _hash(path)}


def _hash(path: Path) -> str:
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; give one with weights, .weights.h5 or .npz")
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
