"""Trainers: what fits the recipes of one library and makes model folders of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card
from training import epochs, fit, fit_scikit
from training.errors import TrainingError
from training.export import export_keras, export_scikit


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
        fit_scikit.prepare,
        fit_scikit.fit,
        fit_scikit.load_best,
        fit_scikit.is_finished,
        lambda model, features: model(features),
        lambda recipe, *arguments: export_scikit(*arguments),
        libraries=("scikit-learn", "skops", "numpy", "mediapipe"),
        goes_on=False,
    ),
}
"""By the `trainer` of a recipe."""
