"""Loading the examples that a training may see: Training, and PublicTest without its copies of the other splits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.features import Feature
from training.datasets import dataset_hash
from training.errors import DatasetError
from training.features.cached import features_of
from training.fit.distillation import soft_labels_of
from training.fit.examples import Examples
from training.fit.plan import Material

LEAST_CHOICE = 7
"""Smallest number of PublicTest images on which anything is chosen."""


def load_material(feature: Feature, dataset: Path, teachers: Sequence[str] = ()) -> Material:
    """Load what a training on a feature may see; of PrivateTest only the hashes are read.

    Args:
        feature: The feature that the recipe takes.
        dataset: File that `training import` wrote.
        teachers: Names of installed models whose answers are soft labels of Training.

    Raises:
        DatasetError: The file cannot be used, or has too few images to learn from or to choose on.
        AssetError: A model file that the feature runs cannot be had.
        ModelError: An installed model that the feature runs, or a teacher, is missing or damaged.
        TrainingError: A teacher does not answer in `fer7`.
    """
    content = dataset_hash(dataset)
    soft_labels, told = soft_labels_of(teachers, dataset) if teachers else (None, {})
    training = _examples(feature, dataset, "training", soft_labels=soft_labels)
    try:
        choice = _examples(feature, dataset, "public-test", without_copies=True)
    except DatasetError:
        raise DatasetError(
            f"{dataset}: no images in PublicTest, on which every choice is made; import it with --split 80/10/10"
        ) from None
    if not len(training):
        raise DatasetError(f"{dataset}: no face was found in its Training split, so there is nothing to learn from")
    if len(choice) < LEAST_CHOICE:
        raise DatasetError(
            f"{dataset}: {len(choice)} images of PublicTest are left without copies and faces not found, too few to "
            f"choose on; import more, or give it a larger share, such as --split 50/25/25"
        )
    return Material(dataset, content, feature.identity(), training, choice, told)


def _examples(
    feature: Feature, dataset: Path, split: str, without_copies: bool = False, soft_labels: np.ndarray | None = None
) -> Examples:
    """Load the faces of a split.

    Args:
        feature: The feature to compute.
        dataset: The dataset file.
        split: Name of the split.
        without_copies: Leave out the copies of other splits' images.
        soft_labels: (n, 7), a row for each image of the split.
    """
    rows, features, seen = features_of(feature, dataset, (split,))
    wanted = seen & ~rows.is_copy(dataset) if without_copies else seen
    return Examples(
        features[wanted[seen]],
        rows.labels[wanted],
        rows.votes[wanted],
        None if soft_labels is None else soft_labels[wanted],
    )
