"""Clean copies: a dataset without the test images that leak, and with what people decided about its rows."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.runtime.files import replacing
from training.audit.duplicates import leaked
from training.datasets.changes import Changes
from training.datasets.index import Rows
from training.datasets.parquet import ROWS_A_GROUP, SCHEMA, SEAL, counts_text, read_rows
from training.errors import DatasetError
from training.files import UNSEALED, seal

_KEY = b"clean"
_COUNTED = ("source", "split", "label")


@dataclass(frozen=True)
class Cleaned:
    """A clean copy of a dataset.

    Attributes:
        kept: Number of images in the copy.
        of: Hash of the dataset that was copied.
        dropped: Number of images left out because they leak, by split.
        excluded: Number of images left out by the list of changes, by split.
        relabelled: Number of images with another label by the list of changes.
        changes: Sha256 of the list of changes, as `Changes.text` gives it; empty without a list.
    """

    kept: int
    of: str
    dropped: dict[str, int]
    excluded: dict[str, int] = field(default_factory=dict)
    relabelled: int = 0
    changes: str = ""

    @property
    def left_out(self) -> int:
        """Number of images that the copy lacks."""
        return sum(self.dropped.values()) + sum(self.excluded.values())

    def __str__(self) -> str:
        told = [
            f"{count:,} of {split} {why}"
            for counts, why in ((self.dropped, "that leaked"), (self.excluded, "by the list of changes"))
            for split, count in counts.items()
        ]
        text = f"{self.left_out:,} images left out"
        text += f" ({', '.join(told)})" if told else ""
        return text + (f", {self.relabelled:,} relabelled" if self.changes else "")


def write_clean(rows: Rows, out: Path, changes: Changes | None = None, *, leaks: bool = True) -> Cleaned:
    """Write a copy of a dataset with its changes, and without the copies that leak into its test splits.

    First the rows that the list excludes are left out, and those that it relabels get their new label. Then PublicTest
    loses its copies of Training, and PrivateTest those of Training and of PublicTest. The metadata of the file gain
    `clean`, which `cleaned` reads.

    Args:
        rows: All rows of the dataset.
        out: The file to write.
        changes: The list to apply; None for none.
        leaks: Whether to leave out what leaks.

    Raises:
        DatasetError: No image is left, the file cannot be written, or it would replace the dataset itself.
    """
    if out.resolve() == rows.path.resolve():
        raise DatasetError(f"{out}: is the dataset itself, which stays as it is; choose another file")
    excluded = changes.excluded() if changes else np.empty(0, np.int64)
    new_labels = changes.relabelled() if changes else {}
    left = np.setdiff1d(np.arange(len(rows)), excluded)
    if not len(left):
        raise DatasetError(f"{out}: would hold no image, because the list leaves all of them out; keep some")
    remaining = replace(rows, labels=rows.labels[left], splits=rows.splits[left], hashes=rows.hashes[left])
    dropped = left[leaked(remaining)] if leaks else left[:0]
    table = _relabelled(read_rows(rows.path), new_labels).take(pa.array(np.setdiff1d(left, dropped)))
    result = Cleaned(
        len(table),
        rows.hash,
        _by_split(rows, dropped),
        _by_split(rows, excluded),
        len(set(new_labels) - set(dropped.tolist())),
        hashlib.sha256(changes.text().encode()).hexdigest() if changes else "",
    )
    _write(table, out, result)
    return result


def cleaned(path: Path) -> Cleaned | None:
    """Read from a dataset file how it was cleaned; None if it is no clean copy."""
    with pq.ParquetFile(path) as file:
        text = (file.schema_arrow.metadata or {}).get(_KEY)
        return Cleaned(file.metadata.num_rows, **json.loads(text)) if text else None


def _relabelled(table: pa.Table, new_labels: dict[int, str]) -> pa.Table:
    if not new_labels:
        return table
    labels = table["label"].to_pylist()
    for row, label in new_labels.items():
        labels[row] = label
    place, column = table.column_names.index("label"), SCHEMA.field("label")
    return table.set_column(place, column, pa.array(labels, pa.string()).cast(column.type))


def _by_split(rows: Rows, numbers: np.ndarray) -> dict[str, int]:
    counts = Counter(rows.splits[numbers].tolist())
    return {split: counts[split] for split in rows.present if counts[split]}


def _write(table: pa.Table, out: Path, result: Cleaned) -> None:
    facts = {name: value for name, value in vars(result).items() if name != "kept"}
    about = table.schema.metadata | {
        b"counts": counts_text(Counter(zip(*(table[name].to_pylist() for name in _COUNTED), strict=True))),
        _KEY: json.dumps(facts),
    }
    about.pop(SEAL, None)
    schema = table.schema.with_metadata(about)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as partial:
            with pq.ParquetWriter(partial, schema, compression="none") as writer:
                writer.write_table(table.cast(schema), row_group_size=ROWS_A_GROUP)
                writer.add_key_value_metadata({SEAL: UNSEALED})
            seal(partial)
    except OSError as error:
        raise DatasetError(f"{out}: cannot be written ({error.strerror or error}); choose another file") from None
