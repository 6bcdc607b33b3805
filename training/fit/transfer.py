"""Transfer: the weights that a backbone or a trunk begins with, and which layers of a backbone learn when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.recipes import Recipe
from training.errors import TrainingError
from training.fit.epochs import compile_model
from training.runs.folder import load_weights

IMAGENET, NONE = "imagenet", "none"


def weights_file(recipe: Recipe, settings: Any) -> Path | None:
    """Find the file that fills the backbone, downloaded if the settings say so; None without one.

    Raises:
        TrainingError: There is no such file, or the download failed.
    """
    if recipe.backbone is None or settings.weights == NONE:
        return None
    if settings.weights == IMAGENET:
        return _downloaded(recipe)
    path = Path(settings.weights)
    if not path.is_file():
        raise TrainingError(
            f"--weights {path}: no such file; give one that keras.applications publishes without its top, {IMAGENET}, "
            f"or {NONE}"
        )
    return path


def fill(model, recipe: Recipe, path: Path) -> None:
    """Fill the backbone of a built model with the weights of a file.

    Raises:
        TrainingError: The weights are another network's.
    """
    try:
        load_weights(recipe.backbone.find(model), path)
    except TrainingError as error:
        raise TrainingError(
            f"--weights {error}; {recipe.name} takes the file {Path(recipe.backbone.url).name} of keras.applications"
        ) from None


def begin(model, recipe: Recipe, path: Path) -> None:
    """Fill a built model with weights of its own recipe or, where they fit only there, fill its trunk.

    Raises:
        TrainingError: The weights fit neither.
    """
    try:
        load_weights(model, path)
    except TrainingError:
        if recipe.trunk is None or path.suffix != ".npz":
            raise
        load_weights(recipe.trunk.find(model), path, trunk=True)


def begin_epoch(model, recipe: Recipe, settings: Any, epoch: int, steps: int, since: int | None) -> int:
    """Choose the layers that learn in an epoch; where they change, the model gets a new optimizer.

    Args:
        model: A `keras.Model` of the recipe, compiled already unless `since` is None.
        recipe: Recipe of the model.
        settings: Settings of the model.
        epoch: Number of the epoch, counted from 0.
        steps: Number of batches in an epoch.
        since: Result of the last call, or None.

    Returns:
        The first epoch in which these layers learn. The optimizer counts its steps from there; the learning rate
        continues over all epochs.
    """
    first = _let_learn(model, recipe, settings, epoch)
    if first != since:
        compile_model(model, recipe, settings, steps * settings.epochs, done=steps * first)
    return first


def _let_learn(model, recipe: Recipe, settings: Any, epoch: int) -> int:
    if recipe.backbone is None or settings.weights == NONE:
        return 0
    import keras

    learns = False
    for layer in recipe.backbone.find(model).layers:
        learns = learns or (epoch >= settings.frozen_epochs and layer.name == settings.thaw)
        # What does not learn also works as at inference: batch normalisation with what it has measured on ImageNet.
        layer.trainable = learns and not isinstance(layer, keras.layers.BatchNormalization)
    return settings.frozen_epochs if learns else 0


def _downloaded(recipe: Recipe) -> Path:
    import keras

    backbone = recipe.backbone
    try:
        return Path(keras.utils.get_file(origin=backbone.url, file_hash=backbone.md5, cache_subdir="models"))
    except Exception as error:  # Keras raises no narrower one
        raise TrainingError(
            f"ImageNet's {Path(backbone.url).name} could not be downloaded ({str(error).splitlines()[0]}); give a copy "
            f"of that file, --weights FILE, or begin without, --weights {NONE}"
        ) from None
