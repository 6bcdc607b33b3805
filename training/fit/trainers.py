"""Trainers by library, and a fit that is logged to MLflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.cards import Card
from core.recipes import Recipe
from training.fit.keras_trainer import KerasTrainer
from training.fit.plan import FitPlan
from training.fit.scikit_trainer import ScikitTrainer
from training.runs.folder import read_history
from training.runs.log import RunLog


class Trainer(Protocol):
    """Fits the recipes of one library and makes model folders of them.

    Attributes:
        libraries: Names of the libraries whose versions the card holds.
        takes_weights: Whether a fit can begin from weights that another fit has learnt.
    """

    libraries: tuple[str, ...]
    takes_weights: bool

    def check_export(self) -> None:
        """Raise a `TrainingError` where this process cannot export what it fits."""

    def clear(self) -> None:
        """Free what earlier fits of this process hold in memory."""

    def prepare(self, plan: FitPlan) -> Any:
        """Make the plan's folder this run's own, as `fit` does first; what cannot be fitted leaves nothing behind.

        Raises:
            TrainingError: The plan cannot be fitted, or the folder holds another run.
        """

    def fit(
        self,
        plan: FitPlan,
        *,
        minutes: float | None = None,
        on_epoch: Callable[[dict], None] | None = None,
        say: Callable[[str], None] = print,
    ) -> Any:
        """Fit, or continue an interrupted fit, and return the best model, whatever that is in the library."""

    def load_best(self, folder: Path) -> tuple[Recipe, Any, Any]:
        """Load recipe, settings and best model of the run in a folder."""

    def is_finished(self, folder: Path) -> bool:
        """Tell whether the run in a folder has nothing left to do."""

    def predict(self, model: Any, features: np.ndarray) -> dict[str, np.ndarray]:
        """Float32 logits (n, k) by label set, of a fitted model for features (n, ...)."""

    def export(self, recipe: Recipe, model: Any, features: np.ndarray, card: Card, out: Path, quantize: str) -> Card:
        """Write a model folder and return its whole card.

        Args:
            recipe: The recipe of the model.
            model: The fitted model.
            features: Examples (n, ...) on which the exported file must answer as the model does.
            card: The card, still without files.
            out: The model folder.
            quantize: Format of the numbers, "float16" or "int8".
        """


TRAINERS: Mapping[str, Trainer] = {"keras": KerasTrainer(), "scikit": ScikitTrainer()}
"""Trainers by the `trainer` of a recipe."""


def run_log(
    plan: FitPlan, name: str, tags: Mapping[str, str], say: Callable[[str], None], parent: RunLog | None = None
) -> RunLog:
    """Describe a fit for MLflow; the log is to be entered.

    Args:
        plan: The fit.
        name: Name of the run.
        tags: Facts beside the settings, the dataset and the origin.
        say: Receives a warning where MLflow cannot be written.
        parent: Log of the sweep that the fit is a trial of.
    """
    told = {"recipe": plan.recipe.name, "seed": plan.seed, "precision": plan.precision} | asdict(plan.settings)
    tags = dict(tags) | {f"mien.{key}": text for key, text in plan.origin.items()}
    tags |= {f"mien.dataset.{key}": text for key, text in plan.material.identity().items()}
    return RunLog(plan.folder, name, told, tags, parent, say)


def logged_fit(plan: FitPlan, log: RunLog, minutes: float | None, say: Callable[[str], None]) -> Any:
    """Fit, or continue an interrupted fit, with its curves in a log, and return the best model.

    Raises:
        TrainingError: The plan cannot be fitted, or the loss is no longer a number.
    """
    trainer = TRAINERS[plan.recipe.trainer]
    log.epochs(read_history(plan.folder))
    model = trainer.fit(plan, minutes=minutes, on_epoch=lambda row: log.epochs([row]), say=say)
    log.epochs(read_history(plan.folder))
    log.is_over = trainer.is_finished(plan.folder)
    return model
