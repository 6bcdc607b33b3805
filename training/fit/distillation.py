"""Distillation: what installed models (teachers) answer to the Training split, as soft labels for another model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from core.features import FEATURES, Feature
from core.inference.artifact import Artifact
from core.inference.scikit import ScikitRunner
from core.labels import FER7, is_answered
from core.model_store import folder_of
from core.recipes import Recipe, get_recipe
from training.datasets import dataset_hash
from training.errors import TrainingError
from training.evaluation.predictions import kept_path, predict
from training.features.cached import features_of
from training.files import kept
from training.fit.examples import Examples
from training.fit.scikit_trainer import fitted
from training.settings import settings_of

FOLDS = 4
_SPLIT = "training"


def soft_labels_of(teachers: Sequence[str], dataset: Path) -> tuple[np.ndarray, dict[str, str]]:
    """Ask installed models about the Training split; their answers are kept for the next time.

    A network that has learnt from an image still doubts its label. A support vector machine remembers it, and its
    answer would be the label once more: it is fitted again without the images that it is asked about.

    Args:
        teachers: Names of the models.
        dataset: File that `training import` wrote.

    Returns:
        Float32 (n, 7), the mean of the calibrated probabilities for each image of Training in the order of the file,
        rows of NaN where no teacher sees a face; and the identity of each teacher's answers, by its name.

    Raises:
        DatasetError: The dataset cannot be used.
        ModelError: There is no such model.
        TrainingError: A teacher does not answer in `fer7`, or the answers cannot be kept.
    """
    answers, told = [], {}
    for name in teachers:
        artifact = Artifact(folder_of(name))
        if FER7.name not in artifact.card.outputs:
            raise TrainingError(f"--teacher {name}: does not answer in {FER7.name}; name another model")
        path = kept_path(artifact.card, dataset_hash(dataset), _SPLIT)
        told[name] = path.name.partition("-")[0]
        answers.append(_answers(artifact, dataset, path))
    stacked = np.stack(answers)
    seen = is_answered(stacked)[..., None]
    total = np.where(seen, stacked, 0).sum(axis=0)
    return np.divide(total, seen.sum(axis=0), out=np.full_like(total, np.nan), where=seen.any(axis=0)), told


def _answers(artifact: Artifact, dataset: Path, path: Path) -> np.ndarray:
    recipe = get_recipe(artifact.card.recipe)
    if recipe.trainer != "scikit":
        return predict(artifact, dataset, _SPLIT).y_prob[FER7.name]
    settings = settings_of(recipe, None, [f"{name}={value}" for name, value in artifact.card.settings.items()])
    feature, temperature = FEATURES[recipe.feature_of(settings)], artifact.card.outputs[FER7.name].temperature
    crossed = path.with_stem(f"{path.stem}-crossed")
    computed = kept(crossed, lambda: {FER7.name: cross_fitted(recipe, settings, feature, dataset, temperature)})
    return computed[FER7.name]


def cross_fitted(
    recipe: Recipe, settings: Any, feature: Feature, dataset: Path, temperature: float = 1.0
) -> np.ndarray:
    """Fit a scikit-learn recipe on all folds of Training but one and ask it about that one, for each fold.

    Copies of an image lie in one fold: the model would remember them.

    Args:
        recipe: A recipe whose trainer is "scikit".
        settings: An instance of `recipe.settings`.
        feature: The feature that the recipe takes.
        dataset: File that `training import` wrote.
        temperature: Temperature that calibrates the answers.

    Returns:
        Float32 (n, 7), probabilities for each image of Training in the order of the file; rows of NaN where no face is
        found.
    """
    from sklearn.model_selection import GroupKFold

    rows, features, seen = features_of(feature, dataset, (_SPLIT,))
    examples = Examples(features, rows.labels[seen], rows.votes[seen])
    y_prob = np.full((len(rows), len(FER7)), np.nan, np.float32)
    places = np.flatnonzero(seen)
    for fitted_on, asked in GroupKFold(FOLDS).split(examples.features, groups=rows.hashes[seen]):
        runner = ScikitRunner(fitted(recipe, settings, examples[fitted_on]), FER7.name)
        y_prob[places[asked]] = softmax(runner(examples.features[asked])[FER7.name] / temperature, axis=1)
    return y_prob
