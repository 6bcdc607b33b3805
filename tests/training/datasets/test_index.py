import numpy as np
import pyarrow.parquet as pq
import pytest

from core.labels import FER7, FERPLUS8
from training.datasets import Dataset, Sample, dataset_hash, write_dataset
from training.datasets.index import Rows, decoded, greys, pictures
from training.errors import DatasetError


def test_rows_are_those_of_the_file(cartoons):
    rows, data = Rows.load(cartoons), Dataset.load(cartoons)
    assert rows.hash == dataset_hash(cartoons)
    np.testing.assert_array_equal(rows.labels, data.labels)
    np.testing.assert_array_equal(rows.splits, data.splits)
    np.testing.assert_array_equal(rows.votes, data.votes)
    assert rows.present == ("training", "public-test", "private-test")
    chosen = rows.where("public-test", "happy")
    assert set(data.splits[chosen]) == {"public-test"}
    assert set(data.labels[chosen]) == {3}


def test_pictures_come_in_the_order_asked_for_from_any_row_group(tmp_path, dataset):
    path = tmp_path / "groups.parquet"
    pq.write_table(pq.read_table(dataset), path, row_group_size=50)
    whole = Dataset.load(path).images[..., 0]
    np.testing.assert_array_equal(np.concatenate(list(greys(path))), whole)
    np.testing.assert_array_equal(decoded(pictures(path, [149, 0, 50, 0, 209])), whole[[149, 0, 50, 0, 209]])


def test_contempt_is_a_class_where_there_is_any(tmp_path, dataset):
    assert Rows.load(dataset).classes == FER7.labels
    path = tmp_path / "eight.parquet"
    write_dataset([Sample(np.zeros((48, 48), np.uint8), FERPLUS8.index("contempt"), "training")], path)
    assert Rows.load(path).classes == FERPLUS8.labels


def test_a_file_without_rows_is_refused(tmp_path):
    write_dataset([], tmp_path / "empty.parquet")
    with pytest.raises(DatasetError, match="holds no images"):
        Rows.load(tmp_path / "empty.parquet")
