"""Images to try a model on: drawn from PublicTest, none of which stands in another split."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.datasets import Dataset
from training.errors import TrainingError

SPLIT = "public-test"


def drawn(dataset: Path, images: int, rng: np.random.Generator) -> Dataset:
    """Draw images whose face is there.

    Raises:
        DatasetError: the file cannot be used.
        TrainingError: the split has fewer of them.
    """
    rows = Dataset.load(dataset, (SPLIT,))
    rows = rows[rows.found & ~rows.is_copy(dataset)]
    if len(rows) < images:
        raise TrainingError(
            f"{dataset}: {len(rows)} images of {SPLIT} stand in no other split; give a smaller --images"
        )
    return rows[rng.permutation(len(rows))[:images]]
