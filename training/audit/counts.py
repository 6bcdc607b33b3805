"""How many images of each class stand in each split, and which of them show nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.faces.alignment import SIDE
from core.labels import FERPLUS8
from training.audit.rows import Rows
from training.datasets.writer import pixel_hash


def class_counts(rows: Rows) -> pd.DataFrame:
    """Number of images: a row for each split, a column for each class."""
    labels = pd.Categorical.from_codes(rows.labels, FERPLUS8.labels)
    table = pd.crosstab(rows.splits, labels, dropna=False)
    table = table.reindex(index=rows.present, columns=rows.classes, fill_value=0)
    return table.rename_axis(index=None, columns=None)


def blank(rows: Rows) -> np.ndarray:
    """Numbers of the rows whose picture is one even grey, such as the twelve black ones of FER2013.

    They are known by their hashes, so that no picture has to be decoded. A face that was not found is none of them.
    """
    even = [pixel_hash(np.full((SIDE, SIDE), grey, np.uint8)) for grey in range(256)]
    return np.flatnonzero(np.isin(rows.hashes, even) & rows.found)
