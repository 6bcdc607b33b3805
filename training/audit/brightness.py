"""How bright and how rich in contrast the pictures of each class are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.audit.rows import Rows

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def by_class(rows: Rows, values: np.ndarray) -> pd.DataFrame:
    """Quantiles of a figure of each image: a row for each class that has images, a column for each of `SHARES`.

    Faces that were not found do not count.

    Args:
        rows: Of the dataset.
        values: (n,), such as `Looks.brightness`.
    """
    of_class = {label: values[rows.where(label=label)] for label in rows.classes}
    of_class = {label: of_class[label][rows.found[rows.where(label=label)]] for label in rows.classes}
    quantiles = {label: np.quantile(each, SHARES) for label, each in of_class.items() if len(each)}
    return pd.DataFrame.from_dict(quantiles, orient="index", columns=list(SHARES))
