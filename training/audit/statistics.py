"""Statistics of a dataset: counts by class, and what one pass over its pictures measures, kept on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from core.faces.alignment import SIDE
from core.features import Feature
from core.features.mesh import LANDMARKS
from core.labels import FERPLUS8
from training.datasets import SPLITS
from training.datasets.index import Progress, Rows, greys
from training.datasets.near_copies import perceptual_hashes
from training.datasets.parquet import pixel_hash
from training.features.cached import features_folder
from training.files import kept


@dataclass(frozen=True)
class Statistics:
    """Measurements of the pictures of a dataset's n rows.

    Attributes:
        brightness: Float32 (n,), mean grey level, 0 to 255.
        contrast: Float32 (n,), standard deviation of the grey levels.
        codes: Uint64 (n,), see `perceptual_hashes`.
        faces: Float32 (splits, labels, 48, 48), mean picture by split and label of `FERPLUS8`, without faces that were
            not found; NaN where there is no picture.
    """

    brightness: np.ndarray
    contrast: np.ndarray
    codes: np.ndarray
    faces: np.ndarray

    def mean_face(self, rows: Rows, label: str, split: str | None = None) -> np.ndarray | None:
        """Mean face of a class in a split, or in all splits, uint8 (48, 48); None if it has no image."""
        weights = np.array([_used(rows, name, label).sum() if split in (None, name) else 0 for name in SPLITS])
        if not weights.any():
            return None
        means = np.nan_to_num(self.faces[:, FERPLUS8.labels.index(label)])
        return np.average(means, axis=0, weights=weights).round().astype(np.uint8)


def statistics_of(rows: Rows, progress: Progress = lambda done, total: None) -> Statistics:
    """Measure every picture of a dataset, or read the statistics that are kept.

    Raises:
        TrainingError: The statistics cannot be kept.
    """
    return Statistics(**kept(rows.cache_file("looks-1"), lambda: _measured(rows, progress)))


def _measured(rows: Rows, progress: Progress) -> dict[str, np.ndarray]:
    brightness, contrast, codes = [], [], []
    sums = np.zeros((len(SPLITS), len(FERPLUS8), SIDE, SIDE))
    done = 0
    progress(done, len(rows))
    for images in greys(rows.path):
        part = slice(done, done + len(images))
        brightness.append(images.mean(axis=(1, 2), dtype=np.float32))
        contrast.append(images.std(axis=(1, 2), dtype=np.float32))
        codes.append(perceptual_hashes(images))
        for i, split in enumerate(SPLITS):
            for j, label in enumerate(FERPLUS8.labels):
                sums[i, j] += images[_used(rows, split, label, part)].sum(axis=0, dtype=np.int64)
        done = part.stop
        progress(done, len(rows))
    counts = [[_used(rows, split, label).sum() for label in FERPLUS8.labels] for split in SPLITS]
    with np.errstate(invalid="ignore"):  # no image, no mean
        faces = sums / np.array(counts)[:, :, None, None]
    return {
        "brightness": np.concatenate(brightness),
        "contrast": np.concatenate(contrast),
        "codes": np.concatenate(codes),
        "faces": faces.astype(np.float32),
    }


def _used(rows: Rows, split: str, label: str, part: slice = slice(None)) -> np.ndarray:
    is_label = rows.labels[part] == FERPLUS8.labels.index(label)
    return rows.found[part] & is_label & (rows.splits[part] == split)


def class_counts(rows: Rows) -> pd.DataFrame:
    """Count the images: a row for each split, a column for each class."""
    labels = pd.Categorical.from_codes(rows.labels, FERPLUS8.labels)
    table = pd.crosstab(rows.splits, labels, dropna=False)
    table = table.reindex(index=rows.present, columns=rows.classes, fill_value=0)
    return table.rename_axis(index=None, columns=None)


def blank(rows: Rows) -> np.ndarray:
    """Find the rows whose picture is one even grey, such as the twelve black pictures of FER2013.

    Rows without a face are not among them. They are found by their hashes, so that no picture has to be decoded.

    Returns:
        Int (m,), row numbers.
    """
    even = [pixel_hash(np.full((SIDE, SIDE), grey, np.uint8)) for grey in range(256)]
    return np.flatnonzero(np.isin(rows.hashes, even) & rows.found)


SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles that `by_class` gives."""


def by_class(rows: Rows, values: np.ndarray) -> pd.DataFrame:
    """Compute the quantiles of a figure of each image, without faces that were not found.

    Args:
        rows: All rows of the dataset.
        values: Float (n,), a figure for each row, such as `Statistics.brightness`.

    Returns:
        Table with a row for each class that has images, and a column for each of `SHARES`.
    """
    of_class = {label: values[rows.where(label=label)] for label in rows.classes}
    of_class = {label: of_class[label][rows.found[rows.where(label=label)]] for label in rows.classes}
    quantiles = {label: np.quantile(each, SHARES) for label, each in of_class.items() if len(each)}
    return pd.DataFrame.from_dict(quantiles, orient="index", columns=list(SHARES))


def coverage(rows: Rows) -> pd.DataFrame:
    """Count images and meshes by split and class, for the splits whose mesh was computed before.

    Returns:
        Table with the columns `split`, `label`, `images`, `found` (number of images with a mesh) and `share`.
    """
    counts = []
    for path in kept_tables(rows, LANDMARKS):
        table = pq.read_table(path, columns=["image", "found"])
        numbers, found = table["image"].to_numpy(), table["found"].to_numpy()
        for label in rows.classes:
            is_label = rows.labels[numbers] == FERPLUS8.labels.index(label)
            if is_label.any():
                counts.append((rows.splits[numbers[0]], label, int(is_label.sum()), int(found[is_label].sum())))
    frame = pd.DataFrame(counts, columns=["split", "label", "images", "found"])
    return frame.assign(share=frame["found"] / frame["images"])


def kept_tables(rows: Rows, feature: Feature) -> list[Path]:
    """Find the kept tables of a feature, one for each split in which the dataset's rows are still the same."""
    files = []
    for split in rows.present:
        paths = sorted(features_folder(rows.path).glob(f"{feature.name}-{split}-*.parquet"))
        files += [path for path in paths if _belongs(path, rows, feature)][:1]
    return files


def _belongs(path: Path, rows: Rows, feature: Feature) -> bool:
    if pq.read_schema(path).metadata.get(b"version") != str(feature.version).encode():
        return False
    table = pq.read_table(path, columns=["image", "hash"])
    numbers = table["image"].to_numpy()
    return numbers.max(initial=0) < len(rows) and np.array_equal(rows.hashes[numbers], table["hash"].to_pylist())
