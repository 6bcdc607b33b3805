"""Fitting: one run of `fit` in a folder of its own, logged from its first epoch to its last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.recipes import Recipe
from training.checkpoints import read_history
from training.choice import Material
from training.run_log import RunLog
from training.trainers import TRAINERS


@dataclass(frozen=True)
class Fitting:
    """What is fitted, on what, and where.

    Attributes:
        recipe: What to train.
        settings: An instance of `recipe.settings`.
        material: What it learns from and is chosen on.
        folder: For checkpoints and curves; an interrupted run goes on from there.
        seed: Of the weights, the order and the jitter.
        precision: Keras dtype policy of the fit.
        start: File with weights to begin from.
    """

    recipe: Recipe
    settings: Any
    material: Material
    folder: Path
    seed: int = 0
    precision: str = "float32"
    start: Path | None = None

    def prepare(self) -> None:
        """Make the folder this run's own, before anything is logged: what cannot be fitted leaves no run behind.

        Raises:
            TrainingError: as `fit` would.
        """
        TRAINERS[self.recipe.trainer].prepare(
            self.recipe,
            self.settings,
            self.material.training,
            self.material.choice,
            self.folder,
            seed=self.seed,
            precision=self.precision,
            start=self.start,
            data=self.material.name_and_hash(),
        )

    def log(
        self, name: str, tags: Mapping[str, str], say: Callable[[str], None], parent: RunLog | None = None
    ) -> RunLog:
        """Its run in MLflow, to be entered."""
        told = {"recipe": self.recipe.name, "seed": self.seed, "precision": self.precision} | asdict(self.settings)
        tags = dict(tags) | {f"mien.dataset.{key}": text for key, text in self.material.name_and_hash().items()}
        return RunLog(self.folder, name, told, tags, parent, say)

    def fit(self, log: RunLog, minutes: float | None, say: Callable[[str], None]) -> Any:
        """Fit, or go on with it, and return the fitted model: of a network, the `keras.Model` of the best epoch.

        Raises:
            TrainingError: the loss is no longer a number.
        """
        trainer = TRAINERS[self.recipe.trainer]
        log.epochs(read_history(self.folder))
        model = trainer.fit(
            self.recipe,
            self.settings,
            self.material.training,
            self.material.choice,
            self.folder,
            seed=self.seed,
            precision=self.precision,
            minutes=minutes,
            start=self.start,
            data=self.material.name_and_hash(),
            on_epoch=lambda row: log.epochs([row]),
            say=say,
        )
        log.epochs(read_history(self.folder))
        log.is_over = trainer.is_finished(self.folder)
        return model
