"""Teachers: what installed models answer to the images that another one learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from training.fit.scikit_fit import fitted
from training.settings import settings_of

FOLDS = 4


def cross_fitted(
    recipe: Recipe, settings: Any, feature: Feature, dataset: Path, temperature: float = 1.0
) -> np.ndarray:
    """Fit a scikit-learn recipe on all folds of Training but one and ask it about that one, each in its turn.

    Copies of an image lie in one fold: the model would remember them.

    Args:
        recipe: One whose trainer is "scikit".
        settings: An instance of `recipe.settings`.
        feature: What it eats.
        dataset: File that `training import` wrote.
        temperature: Of its calibration.

    Returns:
        Float32 (n, 7), probabilities for each image of Training in the order of the file; NaN where no face is seen.
    """
    from sklearn.model_selection import GroupKFold

    rows, features, seen = features_of(feature, dataset, ("training",))
    examples = Examples(features, rows.labels[seen], rows.votes[seen])
    probabilities = np.full((len(rows), len(FER7)), np.nan, np.float32)
    places = np.flatnonzero(seen)
    folds = GroupKFold(FOLDS).split(examples.features, groups=rows.hashes[seen])
    for learnt, asked in folds:
        runner = ScikitRunner(fitted(recipe, settings, examples[learnt]), FER7.name)
        probabilities[places[asked]] = softmax(runner(examples.features[asked])[FER7.name] / temperature, axis=1)
    return probabilities


_SPLIT = "training"


@dataclass(frozen=True)
class Taught:
    """What teachers say together.

    Attributes:
        probabilities: Float32 (n, 7), the mean of their calibrated answers to each image of Training, in the order of
            the dataset file; NaN where none of them sees a face.
        teachers: By name, what identifies the answers of each.
    """

    probabilities: np.ndarray
    teachers: Mapping[str, str]


def taught_by(names: Sequence[str], dataset: Path) -> Taught:
    """Ask installed models about the Training split, or fetch what they said the last time.

    A network that has learnt from an image still doubts it. A support vector machine remembers it, and its answer would
    be the label once more; so that a model of scikit-learn's is fitted anew, without the images it is asked about.

    Raises:
        DatasetError: the dataset cannot be used.
        ModelError: there is no such model.
        TrainingError: it does not answer in the seven, or the answers cannot be kept.
    """
    answers, told = [], {}
    for name in names:
        artifact = Artifact(folder_of(name))
        if FER7.name not in artifact.card.outputs:
            raise TrainingError(f"--teacher {name}: does not answer in {FER7.name}; name another model")
        path = kept_path(artifact.card, dataset_hash(dataset), _SPLIT)
        told[name] = path.name.partition("-")[0]
        answers.append(_answers(artifact, dataset, path))
    stacked = np.stack(answers)
    seen = is_answered(stacked)[..., None]
    total = np.where(seen, stacked, 0).sum(axis=0)
    return Taught(np.divide(total, seen.sum(axis=0), out=np.full_like(total, np.nan), where=seen.any(axis=0)), told)


def _answers(artifact: Artifact, dataset: Path, path: Path) -> np.ndarray:
    recipe = get_recipe(artifact.card.recipe)
    if recipe.trainer != "scikit":
        return predict(artifact, dataset, _SPLIT).probabilities[FER7.name]
    settings = settings_of(recipe, None, [f"{name}={value}" for name, value in artifact.card.settings.items()])
    feature, temperature = FEATURES[recipe.feature_of(settings)], artifact.card.outputs[FER7.name].temperature
    crossed = path.with_stem(f"{path.stem}-crossed")
    computed = kept(crossed, lambda: {FER7.name: cross_fitted(recipe, settings, feature, dataset, temperature)})
    return computed[FER7.name]
