"""Images that stand in a dataset more than once: copies of the same pixels, and pictures that look the same."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from training.audit.perceptual_hash import near_pairs
from training.audit.statistics import Looks
from training.datasets import SPLITS
from training.datasets.index import Rows
from training.datasets.parquet import ROWS_A_GROUP, counts_text, read_rows
from training.errors import DatasetError
from training.files import kept


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


_KEY = b"clean"


@dataclass(frozen=True)
class Cleaned:
    """What became of a dataset.

    Attributes:
        kept: Images in the new file.
        of: Hash of the dataset that it was made of.
        dropped: By split, how many of its images were left out.
    """

    kept: int
    of: str
    dropped: dict[str, int]


def write_clean(rows: Rows, out: Path) -> Cleaned:
    """Write the dataset without the copies that leak into its test splits.

    PublicTest loses its copies of Training; PrivateTest those of Training and of PublicTest. Training stays whole.
    The file's metadata gain `clean`: the hash of the dataset that it was made of, and how many images were dropped.

    Raises:
        DatasetError: the file cannot be written, or would replace the dataset itself.
    """
    if out.resolve() == rows.path.resolve():
        raise DatasetError(f"{out}: is the dataset itself, which stays as it is; choose another file")
    leaks = leaked(rows)
    table = read_rows(rows.path)
    table = table.filter(pa.array(~np.isin(np.arange(len(rows)), leaks)))
    result = Cleaned(len(table), rows.hash, dict(Counter(rows.splits[leaks].tolist())))
    about = table.schema.metadata | {
        b"counts": counts_text(_counted(table)),
        _KEY: json.dumps({"of": result.of, "dropped": result.dropped}),
    }
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.replace_schema_metadata(about), partial, row_group_size=ROWS_A_GROUP, compression="none")
        partial.replace(out)
    except OSError as error:
        raise DatasetError(f"{out}: cannot be written ({error.strerror}); choose another file") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return result


def cleaned(path: Path) -> Cleaned | None:
    """What a dataset file says of how it was cleaned; None where it was not."""
    with pq.ParquetFile(path) as file:
        text = (file.schema_arrow.metadata or {}).get(_KEY)
        return Cleaned(file.metadata.num_rows, **json.loads(text)) if text else None


def _counted(table: pa.Table) -> Counter:
    sources = table["source"].to_pylist() if "source" in table.column_names else [""] * len(table)
    return Counter(zip(sources, table["split"].to_pylist(), table["label"].to_pylist(), strict=True))
