"""Transfer: the weights that a backbone or a trunk begins with, and which layers of a backbone learn when."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import AssetError
from core.recipes import Recipe
from core.recipes.recipe import Backbone, KerasFile
from core.runtime.assets import path_of
from training.errors import TrainingError
from training.fit.epochs import compile_model
from training.fit.face_resnet_file import read_face_resnet
from training.fit.state_dict import read_state_dict
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
        return _downloaded(recipe.backbone)
    path = Path(settings.weights)
    if not path.is_file():
        raise TrainingError(
            f"--weights {path}: no such file; give a copy of {recipe.backbone.filename}, {IMAGENET}, or {NONE}"
        )
    return path


def fill(model, recipe: Recipe, path: Path, examples: np.ndarray) -> None:
    """Fill the backbone of a built model with the weights of a file.

    Args:
        model: A `keras.Model` of the recipe.
        recipe: Recipe of the model.
        path: File of the recipe's backbone.
        examples: (n, ...), some of the features to learn from, for backbones that begin with what they see of these.

    Raises:
        TrainingError: The weights are another network's.
    """
    backbone = recipe.backbone
    part = backbone.find(model)
    try:
        if backbone.fill is None:
            load_weights(part, path)
        else:
            _fill_from_arrays(part, backbone, path, examples)
    except TrainingError as error:
        raise TrainingError(f"--weights {error}; {recipe.name} takes the file {backbone.filename}") from None


def _fill_from_arrays(part, backbone: Backbone, path: Path, examples: np.ndarray) -> None:
    read = read_face_resnet if path.suffix == ".dat" else read_state_dict
    try:
        backbone.fill(part, read(path), examples)
    except (KeyError, ValueError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else error
        raise TrainingError(f"{path}: not readable as weights of this model ({reason})") from None


def pretrained_facts(recipe: Recipe, pretrained: Mapping[str, str] | None) -> dict[str, dict[str, str]]:
    """Describe pretrained weights for a card, under "pretrained"; of the published file also origin and licence.

    Args:
        recipe: Recipe of the model.
        pretrained: Name and sha256 of the file that the fit, or the one that it continues, began with; None without
            one.
    """
    if not pretrained:
        return {}
    backbone = recipe.backbone
    is_published = backbone is not None and pretrained.get("name") == backbone.filename
    if is_published and not isinstance(backbone.published, KerasFile):
        is_published = pretrained.get("sha256") == backbone.published.sources[0].sha256
    known = {"origin": backbone.origin, "licence": backbone.licence} if is_published else {}
    return {"pretrained": dict(pretrained) | {name: text for name, text in known.items() if text}}


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


def begin_epoch(
    model,
    recipe: Recipe,
    settings: Any,
    epoch: int,
    steps: int,
    since: int | None,
    weights: Mapping[str, float] | None = None,
) -> int:
    """Choose the layers that learn in an epoch; where they change, the model gets a new optimizer.

    Args:
        model: A `keras.Model` of the recipe, compiled already unless `since` is None.
        recipe: Recipe of the model.
        settings: Settings of the model.
        epoch: Number of the epoch, counted from 0.
        steps: Number of batches in an epoch.
        since: Result of the last call, or None.
        weights: Weight of each label set in the loss, where it is not 1.

    Returns:
        The first epoch in which these layers learn. The optimizer counts its steps from there; the learning rate
        continues over all epochs.
    """
    first = _let_learn(model, recipe, settings, epoch)
    if first != since:
        compile_model(model, recipe, settings, steps * settings.epochs, steps * first, weights)
    return first


def _let_learn(model, recipe: Recipe, settings: Any, epoch: int) -> int:
    if recipe.backbone is None or settings.weights == NONE:
        return 0
    import keras

    learns = False
    for layer in recipe.backbone.find(model).layers:
        learns = learns or (epoch >= settings.frozen_epochs and layer.name == settings.thaw)
        # What does not learn also works as at inference: batch normalisation with what it has measured on ImageNet.
        is_norm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = learns and (recipe.backbone.normalisation_learns or not is_norm)
    return settings.frozen_epochs if learns else 0


def _downloaded(backbone: Backbone) -> Path:
    otherwise = f"give a copy of that file, --weights FILE, or begin without, --weights {NONE}"
    published = backbone.published
    if not isinstance(published, KerasFile):
        try:
            return path_of(published)
        except AssetError as error:
            raise TrainingError(f"{str(error).removesuffix('.')}, or {otherwise}") from None
    import keras

    try:
        return Path(keras.utils.get_file(origin=published.url, file_hash=published.md5, cache_subdir="models"))
    except Exception as error:  # Keras raises no narrower one
        raise TrainingError(
            f"ImageNet's {backbone.filename} could not be downloaded ({str(error).splitlines()[0]}); {otherwise}"
        ) from None
