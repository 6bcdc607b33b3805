"""The data that a training may see: Training to learn from, PublicTest without its copies to choose on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.features import Feature
from core.recipes import Recipe
from training.datasets import dataset_hash
from training.errors import DatasetError
from training.features.cached import features_of
from training.fit.distillation import taught_by
from training.fit.examples import Examples, targets

LEAST_CHOICE = 7
"""Fewer images of PublicTest than this choose nothing."""


@dataclass(frozen=True)
class Material:
    """A dataset through a feature, faces that were not found left out.

    Attributes:
        dataset: The file.
        hash: Of its content.
        feature: Which: see `Feature.identity`.
        training: The Training split.
        choice: PublicTest without its copies of Training and of PrivateTest: for early stopping, temperature and every
            other choice.
        has_votes: Whether people's votes are among what is learnt from.
        teachers: Installed models whose answers are, by name, each with what identifies it.
    """

    dataset: Path
    hash: str
    feature: Mapping[str, Any]
    training: Examples
    choice: Examples
    has_votes: bool
    teachers: Mapping[str, str] = field(default_factory=dict)

    def name_and_hash(self) -> dict[str, Any]:
        """What a run's plan says of it: also of the model files that its feature runs, and of teachers, if any."""
        files = {name: sha256 for name, sha256 in self.feature.items() if name == "model_files"}
        return {"name": self.dataset.name, "hash": self.hash} | files | _if_any("teachers", self.teachers)

    def facts(self, recipe: Recipe) -> dict[str, Any]:
        """What a card says of it; the priors are the share of each label among what a model is taught."""
        examples = self.training
        priors = {
            name: targets(name, examples.labels, examples.votes, 0.0).mean(axis=0, dtype=np.float64)
            for name in recipe.label_sets
        }
        return {
            **self.name_and_hash(),
            "training_images": len(examples),
            "choice_images": len(self.choice),
            "priors": {name: [round(float(share), 5) for share in shares] for name, shares in priors.items()},
        }


def load_material(feature: Feature, dataset: Path, teachers: Sequence[str] = ()) -> Material:
    """Read what a training on a feature may see; of PrivateTest only the hashes are looked at.

    Args:
        feature: Which.
        dataset: File that `training import` wrote.
        teachers: Names of the installed models whose answers are learnt from too.

    Raises:
        DatasetError: the file cannot be used, or has too few images to learn from or to choose on.
        AssetError: a model file that the feature runs cannot be had.
        ModelError: so it is with the file of an installed model.
    """
    content = dataset_hash(dataset)
    taught = taught_by(teachers, dataset) if teachers else None
    training = _examples(feature, dataset, "training", taught=taught.probabilities if taught else None)
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
            f"choose on; import more, with --split 80/10/10"
        )
    has_votes = bool(training.votes.any())
    return Material(
        dataset, content, feature.identity(), training, choice, has_votes, taught.teachers if taught else {}
    )


def _examples(
    feature: Feature, dataset: Path, split: str, without_copies: bool = False, taught: np.ndarray | None = None
) -> Examples:
    """The faces of a split, as asked without copies of other splits' images; `taught` has a row for each image."""
    rows, features, seen = features_of(feature, dataset, (split,))
    wanted = seen & ~rows.is_copy(dataset) if without_copies else seen
    return Examples(
        features[wanted[seen]], rows.labels[wanted], rows.votes[wanted], None if taught is None else taught[wanted]
    )


def _if_any(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(told)} if told else {}
