"""A copy of a dataset whose test splits hold no image that stands in a split before them."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from training.audit.duplicates import leaked
from training.audit.rows import Rows
from training.datasets.file import read_rows
from training.datasets.writer import ROWS_A_GROUP, counts_text
from training.errors import DatasetError

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
