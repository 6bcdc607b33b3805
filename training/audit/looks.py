"""Looks: what one pass over the pictures of a dataset tells, kept on disk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.faces.alignment import SIDE
from core.labels import FERPLUS8
from training.audit.fingerprints import fingerprints
from training.audit.rows import Progress, Rows, greys
from training.datasets import SPLITS
from training.keeping import kept


@dataclass(frozen=True)
class Looks:
    """What the pictures of a dataset's rows look like.

    Attributes:
        brightness: Float32 (n,), mean grey level, 0 to 255.
        contrast: Float32 (n,), standard deviation of the grey levels.
        codes: Uint64 (n,), see `fingerprints`.
        faces: Float32 (splits, labels, 48, 48), the mean picture by split and label of `FERPLUS8`; NaN where there is
            none. Faces that were not found do not count.
    """

    brightness: np.ndarray
    contrast: np.ndarray
    codes: np.ndarray
    faces: np.ndarray

    def mean_face(self, rows: Rows, label: str, split: str | None = None) -> np.ndarray | None:
        """Uint8 (48, 48), the mean face of a class in a split, or in all of them; None where there is no image."""
        weights = np.array([_used(rows, name, label).sum() if split in (None, name) else 0 for name in SPLITS])
        if not weights.any():
            return None
        means = np.nan_to_num(self.faces[:, FERPLUS8.labels.index(label)])
        return np.average(means, axis=0, weights=weights).round().astype(np.uint8)


def look(rows: Rows, progress: Progress = lambda done, total: None) -> Looks:
    """Look at every picture once, or fetch what was seen the last time.

    Raises:
        TrainingError: what was seen cannot be kept.
    """
    return Looks(**kept(rows.kept_as("looks-1"), lambda: _seen(rows, progress)))


def _seen(rows: Rows, progress: Progress) -> dict[str, np.ndarray]:
    brightness, contrast, codes = [], [], []
    sums = np.zeros((len(SPLITS), len(FERPLUS8), SIDE, SIDE))
    done = 0
    progress(done, len(rows))
    for images in greys(rows.path):
        part = slice(done, done + len(images))
        brightness.append(images.mean(axis=(1, 2), dtype=np.float32))
        contrast.append(images.std(axis=(1, 2), dtype=np.float32))
        codes.append(fingerprints(images))
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
