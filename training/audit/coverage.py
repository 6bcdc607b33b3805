"""In how many images of each class MediaPipe sees a face mesh, from what was computed before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from core.features.mesh import LANDMARKS
from core.labels import FERPLUS8
from training.audit.rows import Rows
from training.features import features_folder


def coverage(rows: Rows) -> pd.DataFrame:
    """Images and meshes by split and class, of the splits whose mesh was computed before; nothing is computed here.

    Columns: `split`, `label`, `images`, `found` (how many have a mesh), `share`.
    """
    counts = []
    for path in mesh_files(rows):
        table = pq.read_table(path, columns=["image", "found"])
        numbers, found = table["image"].to_numpy(), table["found"].to_numpy()
        for label in rows.classes:
            is_label = rows.labels[numbers] == FERPLUS8.labels.index(label)
            if is_label.any():
                counts.append((rows.splits[numbers[0]], label, int(is_label.sum()), int(found[is_label].sum())))
    frame = pd.DataFrame(counts, columns=["split", "label", "images", "found"])
    return frame.assign(share=frame["found"] / frame["images"])


def mesh_files(rows: Rows) -> list[Path]:
    """The kept tables of the mesh, one for each split in which the dataset's rows are still the same."""
    files = []
    for split in rows.present:
        paths = sorted(features_folder(rows.path).glob(f"{LANDMARKS.name}-{split}-*.parquet"))
        files += [path for path in paths if _belongs(path, rows)][:1]
    return files


def _belongs(path: Path, rows: Rows) -> bool:
    if pq.read_schema(path).metadata.get(b"version") != str(LANDMARKS.version).encode():
        return False
    table = pq.read_table(path, columns=["image", "hash"])
    numbers = table["image"].to_numpy()
    return numbers.max(initial=0) < len(rows) and np.array_equal(rows.hashes[numbers], table["hash"].to_pylist())
