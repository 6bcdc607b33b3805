"""How long a training will take: by earlier runs of its recipe, by installed models, or by the recipe's own figure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.cards import Card
from core.recipes import Recipe
from training.errors import TrainingError
from training.runs.folder import RunPlan, read_history

_FREE = ("epochs", "learning_rate", "schedule", "weight_decay", "patience")
"""Settings that change nothing about how long an epoch takes."""


@dataclass(frozen=True)
class Estimate:
    """An expected duration.

    Attributes:
        seconds: Duration of the whole fit, in seconds.
        source: Origin of the figure, in words that stand after "judging by".
    """

    seconds: float
    source: str


def estimate(
    recipe: Recipe,
    settings: Any,
    images: int,
    *,
    backend: str,
    folders: Iterable[Path] = (),
    sizes: Mapping[str, int] | None = None,
    cards: Mapping[str, Card] | None = None,
) -> Estimate | None:
    """Estimate how long a fit will take; None where nothing like it was ever timed.

    A run of the same recipe on this machine counts most, the one with the fewest other settings first and then the
    latest; after that the installed models of the recipe, and last the recipe's own figure. Durations are scaled with
    the number of images and epochs.

    Args:
        recipe: The recipe to fit.
        settings: An instance of `recipe.settings`.
        images: Number of images to learn from.
        backend: Keras backend that will fit, or "scikit-learn"; what was fitted on another one is left out.
        folders: Run folders on this machine.
        sizes: Number of images to learn from by the hash of the dataset, for the datasets that runs may have used.
        cards: Cards of the installed models by name.
    """
    epochs = getattr(settings, "epochs", 1)
    if runs := list(_timed_runs(recipe, settings, backend, folders, sizes or {})):
        _, _, folder, first, later, seen = min(runs, key=lambda run: run[:2])
        seconds = (first + later * (epochs - 1)) * images / seen
        return Estimate(seconds, f"the earlier run {folder.name}")
    for name, card in (cards or {}).items():
        fit, seen = card.data.get("fit"), card.data.get("training_images")
        if card.recipe == recipe.name and fit and seen and fit.get("backend") == backend:
            share = epochs * images / (fit["epochs"] * seen)
            return Estimate(fit["seconds"] * share, f"the model {name} on the machine where it was made")
    if recipe.seconds_an_image:
        return Estimate(recipe.seconds_an_image * images * epochs, "the recipe's own figure for two cores")
    return None


def _timed_runs(recipe: Recipe, settings: Any, backend: str, folders: Iterable[Path], sizes: Mapping[str, int]):
    """How unlike, minus when, folder, seconds of the first epoch and of a later one, and images, of each usable run."""
    wanted = {name: value for name, value in asdict(settings).items() if name not in _FREE}
    for folder in folders:
        try:
            plan, rows = RunPlan.read(folder), read_history(folder)
            took = [float(row["seconds"]) for row in rows]
            when = -(folder / "history.csv").stat().st_mtime
        except (TrainingError, OSError, ValueError, KeyError, TypeError):
            continue  # no run, or a damaged one
        images = sizes.get((plan.data or {}).get("hash", ""))
        if plan.recipe == recipe.name and plan.backend == backend and took and images:
            unlike = sum(plan.settings.get(name, value) != value for name, value in wanted.items())
            yield unlike, when, folder, took[0], statistics.median(took[1:] or took), images
