import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.datasets import Sample, dataset_hash, write_dataset
from training.errors import DatasetError


def rows(*values, label=3, split="training"):
    return [Sample(np.full((48, 48), value, np.uint8), label, split) for value in values]


def hash_of(path, samples):
    write_dataset(samples, path)
    return dataset_hash(path)


def test_it_outlives_rewriting(tmp_path):
    path = tmp_path / "d.parquet"
    first = hash_of(path, rows(1, 2, 3))
    pq.write_table(pq.read_table(path), path, compression="zstd", row_group_size=1)
    assert dataset_hash(path) == first
    assert hash_of(tmp_path / "other.parquet", rows(1, 2, 3)) == first


@pytest.mark.parametrize(
    "samples",
    [rows(1, 2), rows(1, 3, 2), rows(1, 2, 4), rows(1, 2, 3, label=4), rows(1, 2, 3, split="public-test")],
    ids=["fewer", "order", "pixels", "label", "split"],
)
def test_it_changes_with_whatever_a_cache_depends_on(tmp_path, samples):
    assert hash_of(tmp_path / "a", rows(1, 2, 3)) != hash_of(tmp_path / "b", samples)


def test_what_is_no_dataset_has_none(tmp_path):
    path = tmp_path / "d.parquet"
    with pytest.raises(DatasetError, match="no such file"):
        dataset_hash(path)
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({"mien": "2"}), path)
    with pytest.raises(DatasetError, match="lacks the column"):
        dataset_hash(path)
