"""FitPlan: what is fitted, on what, and where. Needs nothing but NumPy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import CARD_FILE, Card
from core.recipes import Recipe, Settings
from training.errors import TrainingError
from training.fit.examples import Examples, targets
from training.runs.folder import PLAN, RunPlan, best_of


@dataclass(frozen=True)
class Material:
    """A dataset through a feature, without the faces that the feature could not see.

    Attributes:
        dataset: Path of the dataset file; of a pack, its name alone.
        hash: Hash of the dataset's content.
        feature: Name and version of the feature, and the model files that it runs; see `Feature.identity`.
        training: The Training split.
        choice: PublicTest without its copies of Training and of PrivateTest: for early stopping, temperature and every
            other choice.
        teachers: Identity of the answers of each teacher, by its name; empty without soft labels.
    """

    dataset: Path
    hash: str
    feature: Mapping[str, Any]
    training: Examples
    choice: Examples
    teachers: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_votes(self) -> bool:
        """Whether people's votes are among the targets."""
        return bool(self.training.votes.any())

    def identity(self) -> dict[str, Any]:
        """Name and hash of the dataset, and the model files and teachers that the examples depend on, if any."""
        told: dict[str, Any] = {"name": self.dataset.name, "hash": self.hash}
        if "model_files" in self.feature:
            told["model_files"] = self.feature["model_files"]
        return told | ({"teachers": dict(self.teachers)} if self.teachers else {})

    def facts(self, recipe: Recipe) -> dict[str, Any]:
        """Describe the material for the card of a model, with the share of each label among the targets as priors."""
        examples = self.training
        priors = {
            name: targets(name, examples.labels, examples.votes, 0.0).mean(axis=0, dtype=np.float64)
            for name in recipe.label_sets
        }
        return {
            **self.identity(),
            "training_images": len(examples),
            "choice_images": len(self.choice),
            "priors": {name: [float(f"{share:.5g}") for share in shares] for name, shares in priors.items()},
        }


@dataclass(frozen=True)
class FitPlan:
    """One fit, before it begins.

    Attributes:
        recipe: The recipe to fit.
        settings: An instance of `recipe.settings`.
        material: The examples to learn from, and those to choose the best epoch on.
        folder: Run folder for checkpoints and curves; an interrupted run continues from there.
        seed: Seed of the weights, of the order of the examples and of the jitter.
        precision: Keras dtype policy of the fit; "mixed_bfloat16" is faster where the processor has AVX512-BF16.
        start: File with weights to begin from instead of random ones: of the same recipe and settings (.weights.h5 or
            .npz), or of the recipe of its trunk (.npz).
        origin: Facts for the log and the card: under "from" the name of the model or run that `start` belongs to, under
            "adopted" the run that was fitted elsewhere.
        teacher_runs: Folders of finished runs whose networks teach along; see `training/fit/teaching.py`.
    """

    recipe: Recipe
    settings: Settings
    material: Material
    folder: Path
    seed: int = 0
    precision: str = "float32"
    start: Path | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    teacher_runs: tuple[Path, ...] = ()

    def claim(self, backend: str, pretrained: Path | None = None) -> None:
        """Make the folder this run's own, or see that it holds the same run already.

        Args:
            backend: The Keras backend that fits, or "scikit-learn".
            pretrained: File that fills the recipe's backbone, if one does.

        Raises:
            TrainingError: The folder holds another run, or there is no file `start`.
            ModelError: The card beside `start` is damaged.
        """
        RunPlan(
            recipe=self.recipe.name,
            settings=asdict(self.settings),
            seed=self.seed,
            precision=self.precision,
            backend=backend,
            data=self.material.identity() | self._told_of_teachers(),
            start=self.start and _sha256(self.start)[:32],
            pretrained=_pretrained(pretrained, self.start),
        ).claim(self.folder)

    def _told_of_teachers(self) -> dict[str, Any]:
        """Name and the best weights' hash of each run that teaches along, beside the teachers of the material."""
        told = {run.name: _sha256(best_of(run))[:32] for run in self.teacher_runs}
        return {"teachers": dict(self.material.teachers) | told} if told else {}


def _pretrained(file: Path | None, start: Path | None) -> Mapping[str, str] | None:
    """Name and sha256 of the pretrained file that a fit begins with, or that the run or model it continues began with.

    Args:
        file: File that fills the backbone, if one does.
        start: File with the weights of another run or of a model, if the fit begins with some.
    """
    if file:
        return {"name": file.name, "sha256": _sha256(file)}
    if start and (start.parent / PLAN).is_file():
        return RunPlan.read(start.parent).pretrained
    if start and (start.parent / CARD_FILE).is_file():
        return Card.load(start.parent).data.get("pretrained")
    return None


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; give one with weights, .weights.h5 or .npz")
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
