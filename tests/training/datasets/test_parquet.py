import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.datasets import Dataset, Sample, dataset_hash, write_dataset
from training.datasets.index import greys
from training.datasets.parquet import is_dataset
from training.errors import DatasetError


def sample(value=0, **fields):
    return Sample(**{"image": np.full((48, 48), value, np.uint8), "label": 3, "split": "training"} | fields)


def rows(*values, **fields):
    return [sample(value, **fields) for value in values]


def hash_of(path, samples):
    write_dataset(samples, path)
    return dataset_hash(path)


def test_nothing_is_left_behind_when_reading_fails(tmp_path):
    def samples():
        yield from rows(0)
        raise DatasetError("row 2 is bad")

    with pytest.raises(DatasetError, match="row 2"):
        write_dataset(samples(), tmp_path / "d.parquet")
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_outlives_a_failed_import(tmp_path):
    path = tmp_path / "d.parquet"
    write_dataset(rows(0), path)

    def samples():
        raise DatasetError("bad from the start")
        yield

    with pytest.raises(DatasetError):
        write_dataset(samples(), path)
    assert len(Dataset.load(path)) == 1


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match="--out"):
        write_dataset(rows(0), tmp_path / "file" / "d.parquet")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.write_text("no parquet"), "not readable as Parquet"),
        (lambda path: pq.write_table(pa.table({"a": [1]}), path), "not a dataset"),
        (lambda path: write_dataset(rows(0), path), "no images in the split private-test"),
    ],
)
def test_what_is_no_dataset_is_refused_in_words(tmp_path, make, words):
    path = tmp_path / "d.parquet"
    make(path)
    with pytest.raises(DatasetError, match=words):
        Dataset.load(path, ("private-test",))


@pytest.mark.parametrize(
    "image", [b"no picture", b"", None, cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1].tobytes()]
)
@pytest.mark.parametrize("read", [Dataset.load, lambda path: list(greys(path))])
def test_an_image_that_is_no_crop_is_refused_in_words(tmp_path, image, read):
    path = tmp_path / "d.parquet"
    write_dataset(rows(0, 9), path)
    table = pq.read_table(path)
    images = pa.array([table["image"][0].as_py(), image], pa.binary())
    pq.write_table(table.set_column(0, table.schema.field(0), images), path)
    with pytest.raises(DatasetError, match="48x48"):
        read(path)


def of_text(table, name):
    return table.set_column(table.column_names.index(name), name, pa.array(["a"] * len(table)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table.drop_columns("votes"), "lacks the column 'votes'"),
        (lambda table: table.drop_columns("image"), "lacks the column 'image'"),
        (lambda table: of_text(table, "votes"), "does not hold what it should"),
    ],
)
def test_columns_that_are_missing_or_of_another_kind_are_said(tmp_path, change, words):
    path = tmp_path / "d.parquet"
    write_dataset(rows(0, 9), path)
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(DatasetError, match=words):
        Dataset.load(path)


def test_text_that_is_none_is_refused_in_words(tmp_path):
    path = tmp_path / "d.parquet"
    write_dataset([sample(person="anna-of-the-first-row")], path)
    pq.write_table(pq.read_table(path), path, compression="none")  # whose seal says nothing any more
    content = path.read_bytes()
    assert content.count(b"anna-of-the-first-row")
    path.write_bytes(content.replace(b"anna-of-the-first-row", b"a\xe9na-of-the-first-row"))
    with pytest.raises(DatasetError, match="UTF"):
        Dataset.load(path)


def test_a_column_with_a_name_that_is_no_text_is_refused_in_words(tmp_path):
    path = tmp_path / "d.parquet"
    pq.write_table(pa.table({"name-of-a-column": [1]}), path)
    path.write_bytes(path.read_bytes().replace(b"name-of-a-column", b"n\xe9me-of-a-column"))
    assert not is_dataset(path)
    with pytest.raises(DatasetError, match="not readable as Parquet"):
        Dataset.load(path)


def test_a_face_that_was_not_found_is_black_and_marked_and_keeps_who_and_where(tmp_path):
    path = tmp_path / "d.parquet"
    photos = [np.full((300, 200, 3), value, np.uint8) for value in (1, 2)]
    lost = [sample(image=photo, found=False, source="a", person="a/p") for photo in photos]
    write_dataset([*lost, sample(9)], path)
    rows = Dataset.load(path)
    assert rows.found.tolist() == [False, False, True]
    assert not rows.images[:2].any()
    assert len(set(rows.hashes)) == 3
    assert (rows[:1].sources[0], rows[:1].persons[0], rows.persons[2]) == ("a", "a/p", None)


def test_a_picture_that_is_no_crop_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="48x48"):
        write_dataset([sample(image=np.zeros((96, 96), np.uint8))], tmp_path / "d.parquet")
    assert list(tmp_path.iterdir()) == []


def test_the_hash_outlives_rewriting(tmp_path):
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
def test_the_hash_changes_with_whatever_a_cache_depends_on(tmp_path, samples):
    assert hash_of(tmp_path / "a", rows(1, 2, 3)) != hash_of(tmp_path / "b", samples)


def test_what_is_no_dataset_has_no_hash(tmp_path):
    path = tmp_path / "d.parquet"
    with pytest.raises(DatasetError, match="no such file"):
        dataset_hash(path)
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({"mien": "2"}), path)
    with pytest.raises(DatasetError, match="lacks the column"):
        dataset_hash(path)


def test_files_of_the_first_version_are_still_read(tmp_path, dataset):
    table = pq.read_table(dataset).drop_columns(["source", "person", "found"])
    old = tmp_path / "old.parquet"
    pq.write_table(table.replace_schema_metadata({"mien": "1"}), old)
    rows = Dataset.load(old)
    np.testing.assert_array_equal(rows.images, Dataset.load(dataset).images)
    assert rows.found.all()
    assert set(rows.sources) == {""}


def test_files_of_a_later_version_are_refused(tmp_path, dataset):
    later = tmp_path / "later.parquet"
    pq.write_table(pq.read_table(dataset).replace_schema_metadata({"mien": "99"}), later)
    with pytest.raises(DatasetError, match="newer version"):
        Dataset.load(later)


def test_a_damaged_file_is_refused_before_its_pages_are_read(tmp_path):
    path = tmp_path / "d.parquet"
    write_dataset(rows(*range(50)), path)
    content = bytearray(path.read_bytes())
    for place in range(200, 1100):
        content[place] ^= 0x5A
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="damaged"):
        Dataset.load(path)


def test_a_file_that_arrow_wrote_again_is_read(tmp_path):
    path = tmp_path / "d.parquet"
    write_dataset(rows(0, 1), path)
    assert len(Dataset.load(path)) == 2
    again = tmp_path / "again.parquet"
    pq.write_table(pq.read_table(path), again, compression="zstd")
    assert len(Dataset.load(again)) == 2
