"""Images that stand in a dataset more than once: copies of the same pixels, and pictures that look the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.audit.fingerprints import near_pairs
from training.audit.looks import Looks
from training.audit.rows import Rows
from training.datasets import SPLITS
from training.keeping import kept


def copies(rows: Rows) -> pd.DataFrame:
    """How many images of each split (row) have an exact copy in each split (column); in their own, another row."""
    table = pd.DataFrame(0, index=rows.present, columns=rows.present)
    for split in rows.present:
        hashes = rows.hashes[rows.splits == split]
        _, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        for other in rows.present:
            is_copy = counts[inverse] > 1 if other == split else np.isin(hashes, rows.hashes[rows.splits == other])
            table.loc[split, other] = int(is_copy.sum())
    return table


def leaked(rows: Rows) -> np.ndarray:
    """Numbers of the test rows whose pixels stand in a split before theirs: in Training, or in PublicTest."""
    is_leak = np.zeros(len(rows), bool)
    for number, split in enumerate(SPLITS):
        earlier = rows.hashes[np.isin(rows.splits, SPLITS[:number])]
        is_leak |= (rows.splits == split) & np.isin(rows.hashes, earlier)
    return np.flatnonzero(is_leak)


def exact(rows: Rows) -> pd.DataFrame:
    """Every picture that stands in more than one row, those across splits and of several labels first.

    Columns: `rows` (their numbers), `across` (whether it stands in several splits), `differ` (whether it has several
    labels).
    """
    order = np.argsort(rows.hashes, kind="stable")
    starts = np.flatnonzero(np.append(True, rows.hashes[order][1:] != rows.hashes[order][:-1]))
    return _described(rows, [group for group in np.split(order, starts[1:]) if len(group) > 1])


def near(rows: Rows, looks: Looks) -> pd.DataFrame:
    """Pairs of pictures that look the same without being exact copies, in the columns and the order of `exact`.

    Of a picture that stands in several rows the first one speaks for all. Faces that were not found do not count.
    """
    return _described(rows, kept(rows.kept_as("near-1"), lambda: {"pairs": _near(rows, looks)})["pairs"])


def _near(rows: Rows, looks: Looks) -> np.ndarray:
    _, first = np.unique(rows.hashes, return_index=True)
    first = np.sort(first[rows.found[first]])
    return first[near_pairs(looks.codes[first])]


def _described(rows: Rows, groups) -> pd.DataFrame:
    found = pd.DataFrame(
        {
            "rows": [[int(number) for number in group] for group in groups],
            "across": [len(set(rows.splits[group])) > 1 for group in groups],
            "differ": [len(set(rows.labels[group])) > 1 for group in groups],
        }
    )
    return found.sort_values(["across", "differ"], ascending=False, kind="stable", ignore_index=True)
