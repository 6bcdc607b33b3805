"""Images that a dataset holds more than once: exact copies of the same pixels, and near copies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.audit.statistics import Statistics
from training.datasets import SPLITS
from training.datasets.index import Rows
from training.datasets.near_copies import near_pairs
from training.files import kept


def copies(rows: Rows) -> pd.DataFrame:
    """Count the images of each split (row) with an exact copy in each split (column); in their own, in another row."""
    table = pd.DataFrame(0, index=rows.present, columns=rows.present)
    for split in rows.present:
        hashes = rows.hashes[rows.splits == split]
        _, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        for other in rows.present:
            is_copy = counts[inverse] > 1 if other == split else np.isin(hashes, rows.hashes[rows.splits == other])
            table.loc[split, other] = int(is_copy.sum())
    return table


def leaked(rows: Rows) -> np.ndarray:
    """Find the test rows whose pixels are also in an earlier split: Training, or, for PrivateTest, PublicTest.

    Returns:
        Int (m,), row numbers.
    """
    is_leak = np.zeros(len(rows), bool)
    for number, split in enumerate(SPLITS):
        earlier = rows.hashes[np.isin(rows.splits, SPLITS[:number])]
        is_leak |= (rows.splits == split) & np.isin(rows.hashes, earlier)
    return np.flatnonzero(is_leak)


def exact(rows: Rows) -> pd.DataFrame:
    """Find every picture that is in more than one row.

    Returns:
        Table with the columns `rows` (row numbers), `across` (whether they are of several splits) and `differ` (whether
        they have several labels), pictures in several splits and with several labels first.
    """
    order = np.argsort(rows.hashes, kind="stable")
    starts = np.flatnonzero(np.append(True, rows.hashes[order][1:] != rows.hashes[order][:-1]))
    return _described(rows, [group for group in np.split(order, starts[1:]) if len(group) > 1])


def near(rows: Rows, statistics: Statistics) -> pd.DataFrame:
    """Find pairs of pictures that look the same without being exact copies.

    Of a picture that is in several rows only the first row counts. Faces that were not found do not count.

    Returns:
        Table as `exact` gives it.
    """
    return _described(rows, kept(rows.cache_file("near-1"), lambda: {"pairs": _near(rows, statistics)})["pairs"])


def _near(rows: Rows, statistics: Statistics) -> np.ndarray:
    _, first = np.unique(rows.hashes, return_index=True)
    first = np.sort(first[rows.found[first]])
    return first[near_pairs(statistics.codes[first])]


def _described(rows: Rows, groups) -> pd.DataFrame:
    found = pd.DataFrame(
        {
            "rows": [[int(number) for number in group] for group in groups],
            "across": [len(set(rows.splits[group])) > 1 for group in groups],
            "differ": [len(set(rows.labels[group])) > 1 for group in groups],
        }
    )
    found = found.astype({"across": bool, "differ": bool})  # which an empty table would not know
    return found.sort_values(["across", "differ"], ascending=False, kind="stable", ignore_index=True)
