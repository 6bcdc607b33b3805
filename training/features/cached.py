"""A dataset through a feature, for fits and evaluations; features that take long are kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.features import Feature
from core.labels import FER7, LabelSet
from core.runtime.processes import spread
from training.datasets import Dataset
from training.features.extract import Progress, extract, origins, table_key
from training.features.table import feature_values
from training.files import kept

_IMAGES_A_TASK = 256


def compute(feature: Feature, dataset: Dataset, keep: Path | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Compute a feature of every image in which it sees a face, on all cores if that takes long.

    The images are canonical crops already and are taken as they are.

    Args:
        feature: The feature to compute.
        dataset: The images, which need not be in a file.
        keep: Folder in which features that take long are kept, in a file named by the hash of the images.

    Returns:
        The features, (found, *shape), and bool (n,), whether a face was found in each image.

    Raises:
        TrainingError: The folder cannot be written.
        AssetError: A model file that the feature runs cannot be had.
    """
    if feature.parts:
        return _combined(feature, [compute(part, dataset, keep) for part in feature.parts], dataset.found)
    if keep is None or feature.needs == "crop":
        return _seen(feature, dataset)
    path = keep / f"{feature.name}-images-{_images_key(feature, dataset)}.npz"
    arrays = kept(path, lambda: dict(zip(("features", "found"), _seen(feature, dataset), strict=True)))
    return arrays["features"], arrays["found"]


def features_folder(dataset: Path) -> Path:
    """Name the folder beside a dataset file that keeps the features of its images; it may be deleted."""
    return dataset.with_name(f"{dataset.stem}.features")


def features_of(
    feature: Feature,
    dataset: Path,
    splits: Iterable[str],
    label_set: LabelSet = FER7,
    *,
    jobs: int | None = None,
    progress: Progress = lambda done, total: None,
) -> tuple[Dataset, np.ndarray, np.ndarray]:
    """Load the rows of some splits of a dataset file, with a feature.

    A feature that takes long is computed once and kept in `NAME.features/` beside the dataset, each split in a file; of
    a feature that combines others, these are kept. The file's name contains a hash of all that its numbers depend on,
    so it is never out of date; the folder may be deleted.

    Args:
        feature: The feature to compute.
        dataset: File that `training import` wrote.
        splits: Names of the splits.
        label_set: Label set of the rows; rows without a label in it are left out.
        jobs: Number of processes; one for each core by default.
        progress: Called with the number of finished images and of all images.

    Returns:
        The rows; the features, (found, *shape); and bool (n,), whether a face was found in each row.

    Raises:
        DatasetError: The dataset cannot be used, or has no such split.
        TrainingError: The folder beside the dataset cannot be written.
        AssetError: A model file that the feature runs cannot be had.
    """
    splits = tuple(dict.fromkeys(splits))
    rows = Dataset.load(dataset, splits, label_set)
    if feature.needs == "crop":
        return rows, *compute(feature, rows)
    if feature.parts:
        seen = [
            features_of(part, dataset, splits, label_set, jobs=jobs, progress=progress)[1:] for part in feature.parts
        ]
        return rows, *_combined(feature, seen, rows.found)
    numbers, found, values = (
        np.concatenate(parts)
        for parts in zip(
            *(_from_table(feature, dataset, split, label_set, jobs, progress) for split in splits), strict=True
        )
    )
    order = np.argsort(numbers)  # the order of the file, in which `Dataset.load` reads
    place = np.cumsum(found) - 1  # of each found row among the features
    return rows, values[place[order][found[order]]], found[order]


def _seen(feature: Feature, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    starts = range(0, len(dataset), _IMAGES_A_TASK)
    jobs = 1 if feature.needs == "crop" or len(starts) < 2 else -1
    rows = (slice(start, start + _IMAGES_A_TASK) for start in starts)
    tasks = (joblib.delayed(_computed)(feature, dataset.images[part], dataset.found[part]) for part in rows)
    with spread():
        parallel = joblib.Parallel(n_jobs=jobs, return_as="generator")
        return _stacked(feature, (value for part in parallel(tasks) for value in part), len(dataset))


def _images_key(feature: Feature, dataset: Dataset) -> str:
    """Hash all that the features of these images depend on, 16 hex digits."""
    digest = hashlib.sha256(json.dumps(origins(feature)).encode())
    for array in (dataset.images, dataset.found):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _combined(
    feature: Feature, seen: list[tuple[np.ndarray, np.ndarray]], has_face: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Combine the parts' features, each with the rows that they are of, into what `compute` returns."""

    def of_rows(values: np.ndarray, found: np.ndarray) -> Iterator[np.ndarray | None]:
        values = iter(values)
        return (next(values) if is_found else None for is_found in found)

    rows = zip(has_face, *(of_rows(*part) for part in seen), strict=True)
    return _stacked(feature, (feature.combine(*values) if face else None for face, *values in rows), len(has_face))


def _stacked(feature: Feature, values: Iterable[np.ndarray | None], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Stack the values that are not None, and tell which of the n those are."""
    features, found = np.empty((n, *feature.shape), feature.dtype), np.zeros(n, bool)
    count = 0
    for row, value in enumerate(values):
        if value is not None:
            features[count], found[row] = value, True
            count += 1
    return features[:count], found


def _from_table(feature: Feature, dataset: Path, split: str, label_set: LabelSet, jobs: int | None, progress: Progress):
    """Row numbers (n,), found (n,) and the features of the found, for the rows with a label in the label set."""
    path = features_folder(dataset) / f"{feature.name}-{split}-{table_key(feature, dataset, (split,))}.parquet"
    if not path.is_file():
        extract(feature, dataset, path, (split,), jobs=jobs, progress=progress)
    table = pq.read_table(path, columns=["image", "expression", "found", "feature"])
    table = table.filter(pc.is_in(table["expression"], pa.array(label_set.labels)))
    return table["image"].to_numpy(), table["found"].to_numpy(), feature_values(table, feature.shape)


def _computed(feature: Feature, images: np.ndarray, found: np.ndarray) -> list[np.ndarray | None]:
    return [feature.compute(image) if face else None for image, face in zip(images, found, strict=True)]
