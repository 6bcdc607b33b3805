import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.labels import FERPLUS8
from training.audit.clean_copy import cleaned, write_clean
from training.audit.duplicates import copies, leaked
from training.datasets import Dataset
from training.datasets.changes import Changes
from training.datasets.index import Rows
from training.errors import DatasetError


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


def test_a_list_leaves_rows_out_and_relabels_others_before_leaks_are_looked_for(flawed, tmp_path):
    changes, out = Changes(flawed), tmp_path / "clean.parquet"
    changes.exclude([0, 10])  # row 4 is row 0's copy, which no longer leaks
    changes.relabel([2, 8], "surprise")  # row 8 leaks and is dropped
    changes.tag([3], ["blurred"])
    result = write_clean(flawed, out, changes)
    assert result.excluded == {"training": 2}
    assert result.dropped == {"private-test": 2}
    assert (result.kept, result.relabelled) == (8, 1)
    assert cleaned(out) == result
    clean, kept = Rows.load(out), np.array([1, 2, 3, 4, 5, 6, 9, 11])
    np.testing.assert_array_equal(clean.hashes, flawed.hashes[kept])
    expected = np.where(kept == 2, FERPLUS8.index("surprise"), flawed.labels[kept])
    np.testing.assert_array_equal(clean.labels, expected)
    assert "by the list of changes" in str(result)


def test_leaks_can_be_kept(flawed, tmp_path):
    assert write_clean(flawed, tmp_path / "copy.parquet", leaks=False).kept == len(flawed)


def test_a_copy_without_any_image_is_refused(flawed, tmp_path):
    changes = Changes(flawed)
    changes.exclude(range(len(flawed)))
    with pytest.raises(DatasetError, match="no image"):
        write_clean(flawed, tmp_path / "none.parquet", changes)


def test_the_command_applies_the_list_beside_the_dataset_or_another_one(run_command, flawed, tmp_path):
    out, other = tmp_path / "clean.parquet", tmp_path / "other.csv"
    changes = Changes(flawed)
    changes.exclude([1])
    assert "1 of training by the list" in run_command("clean", "--data", flawed.path, "--out", out)
    other.write_text(changes.text().replace("yes", ""))
    said = run_command("clean", "--data", flawed.path, "--list", other, "--no-leaks", "--out", out)
    assert "12 images written" in said
    with pytest.raises(Exception, match="no such file"):
        run_command("clean", "--data", flawed.path, "--list", tmp_path / "nowhere.csv", "--out", out)
