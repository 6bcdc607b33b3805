"""Images that a dataset holds more than once: exact copies of the same pixels, and near copies."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.runtime.files import replacing
from training.audit.statistics import Statistics
from training.datasets import SPLITS
from training.datasets.index import Rows
from training.datasets.near_copies import near_pairs
from training.datasets.parquet import ROWS_A_GROUP, counts_text, read_rows
from training.errors import DatasetError
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


_KEY = b"clean"
_COUNTED = ("source", "split", "label")


@dataclass(frozen=True)
class Cleaned:
    """A clean copy of a dataset.

    Attributes:
        kept: Number of images in the copy.
        of: Hash of the dataset that was copied.
        dropped: Number of images left out, by split.
    """

    kept: int
    of: str
    dropped: dict[str, int]


def write_clean(rows: Rows, out: Path) -> Cleaned:
    """Write the dataset without the copies that leak into its test splits.

    PublicTest loses its copies of Training; PrivateTest those of Training and of PublicTest. Training stays whole.
    The metadata of the file gain `clean`: the hash of the dataset that was copied, and the number of images left out.

    Raises:
        DatasetError: The file cannot be written, or would replace the dataset itself.
    """
    if out.resolve() == rows.path.resolve():
        raise DatasetError(f"{out}: is the dataset itself, which stays as it is; choose another file")
    leaks = leaked(rows)
    table = read_rows(rows.path)
    table = table.filter(pa.array(~np.isin(np.arange(len(rows)), leaks)))
    result = Cleaned(len(table), rows.hash, dict(Counter(rows.splits[leaks].tolist())))
    about = table.schema.metadata | {
        b"counts": counts_text(Counter(zip(*(table[name].to_pylist() for name in _COUNTED), strict=True))),
        _KEY: json.dumps({"of": result.of, "dropped": result.dropped}),
    }
    table = table.replace_schema_metadata(about)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as partial:
            pq.write_table(table, partial, row_group_size=ROWS_A_GROUP, compression="none")
    except OSError as error:
        raise DatasetError(f"{out}: cannot be written ({error.strerror or error}); choose another file") from None
    return result


def cleaned(path: Path) -> Cleaned | None:
    """Read from a dataset file how it was cleaned; None if it is no clean copy."""
    with pq.ParquetFile(path) as file:
        text = (file.schema_arrow.metadata or {}).get(_KEY)
        return Cleaned(file.metadata.num_rows, **json.loads(text)) if text else None
