"""Trainers: what fits the recipes of one library and makes model folders of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card
from core.recipes import Recipe
from training.errors import TrainingError
from training.export import export_keras, export_scikit
from training.fit import epochs, scikit_fit
from training.fit import keras_fit as fit
from training.fit.material import Material
from training.runs.folder import read_history
from training.runs.log import RunLog


@dataclass(frozen=True)
class Trainer:
    """One way to fit. `train`, `adopt` and `sweep` ask nothing else of a recipe's library.

    Attributes:
        require: Raises a `TrainingError` where this process cannot export what it fits.
        refresh: Lets go of what earlier fits of this process left behind.
        prepare: As `fit.prepare`.
        fit: As `fit.fit`; what it returns is a fitted model, whatever that is in its library.
        load_best: From a run's folder to its recipe, settings and fitted model.
        is_finished: Whether the run in a folder has nothing left to do.
        predict: From a fitted model and features (n, ...) to float32 logits (n, k) by label set.
        export: From recipe, fitted model, features, card, folder and the format of the numbers ("float16" or "int8") to
            the whole card; see `export_keras`.
        libraries: Whose versions the card names.
        goes_on: Whether a fit can begin from what another one has learnt.
    """

    require: Callable[[], None]
    refresh: Callable[[], None]
    prepare: Callable[..., None]
    fit: Callable[..., Any]
    load_best: Callable[[Path], tuple[Any, Any, Any]]
    is_finished: Callable[[Path], bool]
    predict: Callable[[Any, np.ndarray], dict[str, np.ndarray]]
    export: Callable[..., Card]
    libraries: tuple[str, ...]
    goes_on: bool


def require_tensorflow() -> None:
    """See that Keras runs on the one backend from which models are exported.

    Raises:
        TrainingError: it runs on another.
    """
    import keras

    if (backend := keras.backend.backend()) != "tensorflow":
        raise TrainingError(
            f"Keras runs on {backend} here, and a model is exported from TensorFlow: unset KERAS_BACKEND, or fit there "
            "from a pack and bring the run home with `train --adopt`"
        )


def _clear_keras() -> None:
    import keras

    keras.utils.clear_session()


def _nothing() -> None:
    pass


TRAINERS: Mapping[str, Trainer] = {
    "keras": Trainer(
        require_tensorflow,
        _clear_keras,
        fit.prepare,
        fit.fit,
        fit.load_best,
        fit.is_finished,
        epochs.predict,
        lambda recipe, *arguments: export_keras(*arguments, extras=recipe.extras),
        libraries=("keras", "tensorflow", "ai-edge-litert", "numpy", "mediapipe"),
        goes_on=True,
    ),
    "scikit": Trainer(
        _nothing,
        _nothing,
        scikit_fit.prepare,
        scikit_fit.fit,
        scikit_fit.load_best,
        scikit_fit.is_finished,
        lambda model, features: model(features),
        lambda recipe, *arguments: export_scikit(*arguments),
        libraries=("scikit-learn", "skops", "numpy", "mediapipe"),
        goes_on=False,
    ),
}
"""By the `trainer` of a recipe."""


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
