"""Cross-fitting: answers to images that a model was not fitted on, for all images that there are to fit on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from core.features import Feature
from core.inference.scikit import ScikitRunner
from core.labels import FER7
from core.recipes import Recipe
from training.examples import Examples
from training.features import features_of
from training.fit_scikit import fitted

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
