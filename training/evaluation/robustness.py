"""Accuracy against corruption: how a model bears what real pictures do to a face."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.features import Feature
from core.inference.artifact import Artifact
from core.labels import is_answered
from training import text_tables
from training.datasets import Dataset, dataset_hash
from training.errors import TrainingError
from training.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from training.evaluation.ledger import artifact_hash, require_line
from training.evaluation.predictions import TRUTHS, answers
from training.features.cached import features_folder

FOLDER = Path("docs/robustness")
"""Committed, one file a model."""

SIGHTS = ("pixels", "mesh", "both")
"""What a model may see of a face."""


@dataclass(frozen=True)
class Robustness:
    """A model's accuracy under each corruption.

    Attributes:
        model: Its name.
        artifact: Hash of its main file.
        sees: One of `SIGHTS`.
        split: Where the images are from; none of them stands in Training.
        dataset: Its hash.
        n: How many they are.
        seed: That chose and corrupted them: with the same one all models see the same pictures.
        clean: Accuracy on the images as they are.
        accuracy: By corruption, at strengths 1 to 5; an image in which the feature finds no face is an error.
        coverage: By corruption, the share of images in which it finds one.
    """

    model: str
    artifact: str
    sees: str
    split: str
    dataset: str
    n: int
    seed: int
    clean: float
    accuracy: dict[str, list[float]]
    coverage: dict[str, list[float]]

    @property
    def mean(self) -> float:
        """Over all corruptions and strengths."""
        return float(np.mean(list(self.accuracy.values())))

    @property
    def mean_by_strength(self) -> list[float]:
        """Over all corruptions, at strengths 1 to 5."""
        return np.mean(list(self.accuracy.values()), axis=0).tolist()

    @property
    def pictures(self) -> tuple[str, str, int, int]:
        """What it was measured on: equal for models that can be held against each other."""
        return self.split, self.dataset, self.n, self.seed

    def as_json(self) -> str:
        """One JSON object, a line for each corruption."""
        return json.dumps(asdict(self) | {"mean": round(self.mean, 5)}, indent=1)

    @classmethod
    def load(cls, path: Path) -> Robustness:
        """Read a file that `robustness --out` wrote.

        Raises:
            TrainingError: it is no such file.
        """
        try:
            told: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{field.name: told[field.name] for field in fields(cls)})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise TrainingError(f"{path}: not a robustness file ({error!r:.80}); make it anew") from None

    def save(self, folder: Path) -> Path:
        """Write it to `NAME.json` in a folder, whole or not at all."""
        path = folder / f"{self.model}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        partial.write_text(self.as_json() + "\n", encoding="utf-8")
        partial.replace(path)
        return path

    def table(self, table: Callable[..., str] = text_tables.aligned) -> str:
        """A row for each corruption, a column for each strength."""
        header = ["corruption", "0", *(str(strength) for strength in range(1, STRENGTHS + 1)), "mean"]
        rows = [
            [name, *(f"{value:.1%}" for value in (self.clean, *values, np.mean(values)))]
            for name, values in self.accuracy.items()
        ]
        return table(header, [*rows, ["all", f"{self.clean:.1%}", *[""] * STRENGTHS, f"{self.mean:.1%}"]])


def stored(folder: Path | None = None) -> list[Robustness]:
    """All that stand in a folder (`FOLDER` if not given), by what the model sees, then by name.

    Raises:
        TrainingError: a file is damaged, or they were not all measured on the same pictures.
    """
    found = [Robustness.load(path) for path in sorted((folder or FOLDER).glob("*.json"))]
    for one in found[1:]:
        if one.pictures != found[0].pictures:
            raise TrainingError(
                f"{folder or FOLDER}: {one.model!r} and {found[0].model!r} were not measured on the same pictures; "
                "give `python -m training robustness` both names, so that both see the same"
            )
    return sorted(found, key=lambda one: (SIGHTS.index(one.sees), one.model))


def robustness(
    folder: Path,
    dataset: Path,
    split: str = "public-test",
    *,
    images: int = 1000,
    seed: int = 0,
    each: Callable[[list], Any] = iter,
) -> Robustness:
    """Measure a model on images of a split that do not stand in Training, as they are and corrupted.

    A feature that takes long is kept beside the dataset, for the next model that is made of it.

    Args:
        folder: Of the model.
        dataset: File that `training import` wrote.
        split: Where to take the images from.
        images: How many; all if there are fewer.
        seed: Which ones, and how they are corrupted.
        each: Wraps the list of (corruption, strength), for a progress bar.

    Raises:
        DatasetError: the dataset cannot be used, or has no such split.
        TrainingError: the split is PrivateTest, and the model has not been measured there for good; or the folder
            beside the dataset cannot be written.
    """
    artifact = Artifact(folder, threads=os.cpu_count() or 1)
    content = dataset_hash(dataset)
    require_line(artifact.card, content, split)
    rows = Dataset.load(dataset, (split,))
    if split != "training":
        rows = rows[~rows.hashes_in(dataset, "training")]
    rows = rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:images])]
    if not len(rows):
        raise TrainingError(f"{dataset}: every image of {split} stands in Training too; choose another --split")
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


def _sees(feature: Feature) -> str:
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
