import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.datasets import Dataset, Sample, write_dataset
from training.datasets.index import greys
from training.datasets.parquet import is_dataset
from training.errors import DatasetError


def sample(value=0, **fields):
    return Sample(**{"image": np.full((48, 48), value, np.uint8), "label": 3, "split": "training"} | fields)


def test_what_was_written_comes_back(tmp_path, fer2013_rows, dataset):
    rows = Dataset.load(dataset)
    assert len(rows) == len(fer2013_rows)
    np.testing.assert_array_equal(rows.labels, [label for label, _, _ in fer2013_rows])
    np.testing.assert_array_equal(rows.images[:, :, :, 1], [image for _, image, _ in fer2013_rows])
    assert not rows.votes.any()


def test_colour_and_votes_are_kept(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    votes = (0, 1, 2, 3, 4, 0, 0, 0, 0, 0)
    write_dataset([sample(image=image, votes=votes)], tmp_path / "d.parquet")
    rows = Dataset.load(tmp_path / "d.parquet")
    np.testing.assert_array_equal(rows.images[0], image)
    assert tuple(rows.votes[0]) == votes


def test_only_the_asked_for_splits_are_read(dataset):
    rows = Dataset.load(dataset, ("public-test",))
    assert set(rows.splits) == {"public-test"}
    assert len(rows) == 35


def test_copies_across_splits_are_known_by_their_pixels(tmp_path):
    path = tmp_path / "d.parquet"
    write_dataset([sample(1), sample(2, split="public-test"), sample(1, split="public-test", label=5)], path)
    public = Dataset.load(path, ("public-test",))
    np.testing.assert_array_equal(public.hashes_in(path, "training"), [False, True])


def test_nothing_is_left_behind_when_reading_fails(tmp_path):
    def samples():
        yield sample()
        raise DatasetError("row 2 is bad")

    with pytest.raises(DatasetError, match="row 2"):
        write_dataset(samples(), tmp_path / "d.parquet")
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_outlives_a_failed_import(tmp_path):
    path = tmp_path / "d.parquet"
    write_dataset([sample()], path)

    def samples():
        raise DatasetError("bad from the start")
        yield

    with pytest.raises(DatasetError):
        write_dataset(samples(), path)
    assert len(Dataset.load(path)) == 1


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match="--out"):
        write_dataset([sample()], tmp_path / "file" / "d.parquet")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.write_text("no parquet"), "not readable as Parquet"),
        (lambda path: pq.write_table(pa.table({"a": [1]}), path), "not a dataset"),
        (lambda path: write_dataset([sample()], path), "no images in the split private-test"),
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
    write_dataset([sample(), sample(9)], path)
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
    write_dataset([sample(), sample(9)], path)
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(DatasetError, match=words):
        Dataset.load(path)


def test_text_that_is_none_is_refused_in_words(tmp_path):
    path = tmp_path / "d.parquet"
    write_dataset([sample(person="anna-of-the-first-row")], path)
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
