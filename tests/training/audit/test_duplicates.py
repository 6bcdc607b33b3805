import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from training.audit.duplicates import cleaned, copies, exact, leaked, near, write_clean
from training.audit.statistics import statistics_of
from training.datasets import Dataset
from training.datasets.index import Rows
from training.errors import DatasetError


def test_copies_by_split(flawed):
    assert copies(flawed).to_numpy().tolist() == [[2, 1, 1], [1, 2, 3], [1, 2, 0]]


def test_leaks_are_the_later_ones_only(flawed):
    assert leaked(flawed).tolist() == [4, 7, 8]


def test_exact_copies_across_splits_come_first(flawed):
    found = exact(flawed)
    assert found["rows"].tolist()[-1] == [1, 3]
    assert sorted(found["rows"].tolist()) == [[0, 4, 7], [1, 3], [5, 6, 8]]
    assert found["across"].tolist() == [True, True, False]
    assert found["differ"].tolist() == [False, False, True]


def test_pictures_that_look_the_same(flawed):
    found = near(flawed, statistics_of(flawed))
    assert found["rows"].tolist() == [[2, 9]]
    assert found["across"].tolist() == [True]


def test_a_dataset_without_copies(flawed):
    few = type(flawed)(
        **{name: value[:3] if hasattr(value, "shape") else value for name, value in vars(flawed).items()}
    )
    assert exact(few).empty
    assert copies(few).to_numpy().tolist() == [[0]]
    assert not len(leaked(few))


def test_the_clean_copy_lacks_the_leaks_and_nothing_else(flawed, tmp_path):
    out = tmp_path / "new" / "clean.parquet"
    result = write_clean(flawed, out)
    assert (result.kept, result.of, result.dropped) == (9, flawed.hash, {"public-test": 1, "private-test": 2})
    clean, kept = Rows.load(out), np.setdiff1d(np.arange(12), leaked(flawed))
    np.testing.assert_array_equal(clean.hashes, flawed.hashes[kept])
    np.testing.assert_array_equal(clean.votes, flawed.votes[kept])
    np.testing.assert_array_equal(clean.found, flawed.found[kept])
    np.testing.assert_array_equal(Dataset.load(out).images, Dataset.load(flawed.path).images[kept])
    assert not len(leaked(clean))
    assert copies(clean).loc["training", "training"] == 2
    assert clean.hash != flawed.hash


def test_the_file_says_what_it_is(flawed, tmp_path):
    out = tmp_path / "clean.parquet"
    result = write_clean(flawed, out)
    assert cleaned(out) == result
    assert cleaned(flawed.path) is None
    metadata = pq.read_metadata(out).metadata
    assert metadata[b"mien"] == pq.read_metadata(flawed.path).metadata[b"mien"]
    counts = json.loads(metadata[b"counts"])["made"]
    assert sum(sum(labels.values()) for labels in counts.values()) == 9


def test_the_dataset_itself_is_not_replaced(flawed):
    with pytest.raises(DatasetError, match="the dataset itself"):
        write_clean(flawed, flawed.path.parent / "." / flawed.path.name)


def test_what_cannot_be_written_leaves_nothing(flawed, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match="cannot be written"):
        write_clean(flawed, tmp_path / "file" / "clean.parquet")
    assert not list(tmp_path.glob(".*"))
