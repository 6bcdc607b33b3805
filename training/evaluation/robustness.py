"""Robustness: a model's accuracy on corrupted images, as docs/robustness keeps it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from pydantic import TypeAdapter, ValidationError, with_config

from core.features import Feature
from core.inference.artifact import Artifact
from core.labels import is_answered
from core.runtime.files import write_whole
from training import text_tables
from training.datasets import Dataset, dataset_hash
from training.errors import TrainingError
from training.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from training.evaluation.ledger import artifact_hash, require_line
from training.evaluation.predictions import TRUTHS, answers
from training.evaluation.report import first_problem
from training.features.cached import features_folder

FOLDER = Path("docs/robustness")
"""Folder of the committed files, one for each model."""

Sees = Literal["pixels", "mesh", "both"]
"""The part of a face that a model sees."""


@with_config(allow_inf_nan=False)
@dataclass(frozen=True)
class Robustness:
    """A model's accuracy under each corruption; shares are 0 to 1.

    Attributes:
        model: Name of the model.
        artifact: Hash of the model's main file.
        sees: The part of a face that the model sees.
        split: Name of the split of the images, none of which is in Training too.
        dataset: Hash of the dataset.
        n: Number of images.
        seed: Seed that chose and corrupted the images: with the same one all models see the same pictures.
        clean: Accuracy on the images as they are.
        accuracy: By corruption, the accuracy at strengths 1 to 5; a face that is not found counts as an error.
        coverage: By corruption, the share of images in which the face is found, at strengths 1 to 5.
    """

    model: str
    artifact: str
    sees: Sees
    split: str
    dataset: str
    n: int
    seed: int
    clean: float
    accuracy: dict[str, list[float]]
    coverage: dict[str, list[float]]

    @property
    def mean(self) -> float:
        """Mean accuracy over all corruptions and strengths."""
        return float(np.mean(list(self.accuracy.values())))

    @property
    def mean_by_strength(self) -> list[float]:
        """Mean accuracy over all corruptions, at strengths 1 to 5."""
        return np.mean(list(self.accuracy.values()), axis=0).tolist()

    @property
    def pictures(self) -> tuple[str, str, int, int]:
        """Split, dataset, number and seed of the images: equal for models that can be compared."""
        return self.split, self.dataset, self.n, self.seed

    def as_json(self) -> str:
        """Give the figures as one JSON object."""
        return json.dumps(asdict(self) | {"mean": round(self.mean, 5)}, indent=1)

    @classmethod
    def load(cls, path: Path) -> Robustness:
        """Read a file that `save` wrote.

        Raises:
            TrainingError: The file cannot be read, or is damaged.
        """
        try:
            return _ROBUSTNESS.validate_json(path.read_bytes())
        except ValidationError as error:
            reason = first_problem(error)
        except OSError as error:
            reason = error.strerror or repr(error)
        raise TrainingError(
            f"{path}: not a robustness file ({reason:.200}); make it again with `python -m training robustness --out`"
        )

    def save(self, folder: Path) -> Path:
        """Write `NAME.json` in a folder, whole or not at all, and return its path."""
        path = folder / f"{self.model}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.as_json() + "\n")
        return path

    def table(self, table: Callable[..., str] = text_tables.aligned) -> str:
        """Give the accuracies as a table, a row for each corruption and a column for each strength."""
        header = ["corruption", "0", *(str(strength) for strength in range(1, STRENGTHS + 1)), "mean"]
        rows = [
            [name, *(f"{value:.1%}" for value in (self.clean, *values, np.mean(values)))]
            for name, values in self.accuracy.items()
        ]
        return table(header, [*rows, ["all", f"{self.clean:.1%}", *[""] * STRENGTHS, f"{self.mean:.1%}"]])


_ROBUSTNESS = TypeAdapter(Robustness)


def stored(folder: Path | None = None) -> list[Robustness]:
    """Read all files in a folder (`FOLDER` if not given), sorted by what the model sees, then by name.

    Raises:
        TrainingError: A file is damaged, or the models were not all measured on the same pictures.
    """
    found = [Robustness.load(path) for path in sorted((folder or FOLDER).glob("*.json"))]
    for one in found[1:]:
        if one.pictures != found[0].pictures:
            raise TrainingError(
                f"{folder or FOLDER}: {one.model!r} and {found[0].model!r} were not measured on the same pictures; "
                "give `python -m training robustness` both names, so that both see the same"
            )
    return sorted(found, key=lambda one: (get_args(Sees).index(one.sees), one.model))


def robustness(
    folder: Path,
    dataset: Path,
    split: str = "public-test",
    *,
    images: int = 1000,
    seed: int = 0,
    each: Callable[[list], Any] = iter,
) -> Robustness:
    """Measure a model on images of a split that are not in Training too, as they are and corrupted.

    A slow feature is kept beside the dataset, for the next model that takes it.

    Args:
        folder: The model's folder.
        dataset: File that `training import` wrote.
        split: Name of the split to take the images from.
        images: Number of images; all if there are fewer.
        seed: Seed that chooses and corrupts the images.
        each: Function that wraps the list of (corruption, strength), for a progress bar.

    Raises:
        DatasetError: The dataset cannot be used, or has no such split.
        TrainingError: The split is PrivateTest and the model has no final figure there, every image is in Training
            too, or the folder beside the dataset cannot be written.
    """
    artifact = Artifact(folder, threads=os.cpu_count() or 1)
    content = dataset_hash(dataset)
    require_line(artifact.card, content, split)
    rows = Dataset.load(dataset, (split,))
    if split != "training":
        rows = rows[~rows.hashes_in(dataset, "training")]
    rows = rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:images])]
    if not len(rows):
        raise TrainingError(f"{dataset}: every image of {split} is in Training too; choose another --split")
    keep = features_folder(dataset)
    clean, _ = _measured(artifact, rows, keep)
    accuracy = {name: [0.0] * STRENGTHS for name in CORRUPTIONS}
    coverage = {name: [0.0] * STRENGTHS for name in CORRUPTIONS}
    for name, strength in each([(name, step + 1) for name in CORRUPTIONS for step in range(STRENGTHS)]):
        changed = replace(rows, images=corrupt(name, rows.images, strength, seed))
        accuracy[name][strength - 1], coverage[name][strength - 1] = _measured(artifact, changed, keep)
    return Robustness(
        model=artifact.card.name,
        artifact=artifact_hash(artifact.card),
        sees=_sees(artifact.feature),
        split=split,
        dataset=content,
        n=len(rows),
        seed=seed,
        clean=clean,
        accuracy=accuracy,
        coverage=coverage,
    )


def _sees(feature: Feature) -> Sees:
    is_mesh = {part.needs == "mesh" for part in _elements(feature)}
    return "both" if len(is_mesh) > 1 else "mesh" if is_mesh.pop() else "pixels"


def _elements(feature: Feature) -> Iterator[Feature]:
    if not feature.parts:
        yield feature
    for part in feature.parts:
        yield from _elements(part)


def _measured(artifact: Artifact, rows: Dataset, keep: Path) -> tuple[float, float]:
    label_set, probabilities = next(iter(answers(artifact, rows, keep).items()))
    found = is_answered(probabilities)
    right = found & (np.nan_to_num(probabilities).argmax(axis=1) == TRUTHS[label_set](rows))
    return round(float(right.mean()), 5), round(float(found.mean()), 5)
