"""Teachers: what installed models answer to the images that another one learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.features import FEATURES
from core.inference.artifact import Artifact
from core.labels import FER7
from core.model_store import folder_of
from core.recipes import get_recipe
from training.cross_fitting import cross_fitted
from training.datasets import dataset_hash
from training.errors import TrainingError
from training.keeping import kept
from training.predictions import kept_path, predict
from training.settings import settings_of

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
    seen = ~np.isnan(stacked)
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
