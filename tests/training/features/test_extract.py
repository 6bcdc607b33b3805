import hashlib

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from skimage.data import astronaut

from core.features import FEATURES, Feature
from training.datasets import Dataset, Sample, write_dataset
from training.errors import DatasetError, TrainingError
from training.features import extract as extraction
from training.features.extract import extract, table_key
from training.features.table import check_sheet, feature_values, write_table

PIXELS = FEATURES["pixels"]


def bright(crop):
    """Mean and spread of a crop; dark ones are not seen."""
    return None if crop.mean() < 68 else np.array([[crop.mean(), crop.std()]], np.float32)


BRIGHT = Feature("bright", 3, bright, (1, 2), "float32", edges=lambda: np.array([[0, 1]]))


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(extraction, "ROWS_A_PART", 32)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "table.parquet"


def test_the_table_holds_every_image_in_order(dataset, out):
    result = extract(PIXELS, dataset, out, jobs=1)
    table, rows = pq.read_table(out), Dataset.load(dataset)
    assert table.column_names == ["image", "hash", "expression", "split", "found", "feature"]
    assert table["image"].to_pylist() == list(range(len(rows)))
    assert table["hash"].to_pylist() == rows.hashes.tolist()
    assert table["split"].to_pylist() == rows.splits.tolist()
    np.testing.assert_array_equal(feature_values(table, PIXELS.shape)[..., 0], rows.images[..., 0])
    assert (result.images, result.found, result.resumed, result.files) == (len(rows), len(rows), 0, (out,))
    assert list(out.parent.iterdir()) == [out]


def test_a_face_that_is_not_seen_has_an_empty_cell(dataset, out):
    result = extract(BRIGHT, dataset, out, jobs=1)
    table, rows = pq.read_table(out), Dataset.load(dataset)
    expected = [bright(image) for image in rows.images]
    assert [value is not None for value in expected] == table["found"].to_pylist()
    assert 0 < result.found == sum(table["found"].to_pylist()) < len(rows)
    assert table["feature"].null_count == len(rows) - result.found
    np.testing.assert_array_equal(feature_values(table, (1, 2)), [value for value in expected if value is not None])


def test_edges_are_written_once_beside_it(dataset, out):
    result = extract(BRIGHT, dataset, out, jobs=1)
    beside = out.with_name("table.adjacency.parquet")
    assert result.files == (out, beside)
    assert pq.read_table(beside).to_pydict() == {"from": [0], "to": [1]}


def test_splits_choose_the_rows_which_keep_their_numbers(dataset, out):
    extract(PIXELS, dataset, out, ("public-test",), jobs=1)
    table, splits = pq.read_table(out), Dataset.load(dataset).splits
    assert table["image"].to_pylist() == np.flatnonzero(splits == "public-test").tolist()
    assert set(table["split"].to_pylist()) == {"public-test"}


def test_results_do_not_pile_up(dataset, out, monkeypatch):
    """However slowly they are written: else a large dataset of a quick feature would lie in memory."""
    read, written, waiting = [], [], []

    def reading(self, numbers, whole=extraction.RowParts.read):
        for part in whole(self, numbers):
            read.append(part)
            yield part

    def writing(table, path):
        waiting.append(len(read) - len(written))
        written.append(path)
        write_table(table, path)

    monkeypatch.setattr(extraction, "ROWS_A_PART", 8)
    monkeypatch.setattr(extraction, "_PARTS_AHEAD", 2)
    monkeypatch.setattr(extraction.RowParts, "read", reading)
    monkeypatch.setattr(extraction, "write_table", writing)
    extract(PIXELS, dataset, out, jobs=2)
    assert len(written) > 20
    assert max(waiting) == 4


def test_two_processes_write_the_bytes_of_one(dataset, out):
    extract(BRIGHT, dataset, out, jobs=1)
    alone = out.read_bytes()
    extract(PIXELS, dataset, out.with_name("pixels1.parquet"), jobs=1)
    extract(PIXELS, dataset, out.with_name("pixels2.parquet"), jobs=2)
    assert out.with_name("pixels1.parquet").read_bytes() == out.with_name("pixels2.parquet").read_bytes()
    extract(BRIGHT, dataset, out, jobs=1)
    assert out.read_bytes() == alone


def test_parts_of_another_version_or_dataset_are_not_taken_up(dataset, out, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(extraction, "_merge", fail)
        with pytest.raises(KeyboardInterrupt):
            extract(BRIGHT, dataset, out, jobs=1)
    other = Feature("bright", 4, lambda crop: np.ones((1, 2), np.float32), (1, 2), "float32")
    assert extract(other, dataset, out, jobs=1).resumed == 0
    assert (feature_values(pq.read_table(out), (1, 2)) == 1).all()
    assert extract(BRIGHT, dataset, out, jobs=1).resumed == len(Dataset.load(dataset))


def test_the_key_depends_on_feature_version_splits_and_dataset(dataset, tmp_path):
    small = tmp_path / "small.parquet"
    write_dataset([Sample(np.zeros((48, 48), np.uint8), 0, "training")], small)
    newer = Feature("pixels", 2, PIXELS.compute, PIXELS.shape, PIXELS.dtype)
    keys = [
        table_key(PIXELS, dataset, ("training",)),
        table_key(newer, dataset, ("training",)),
        table_key(BRIGHT, dataset, ("training",)),
        table_key(PIXELS, small, ("training",)),
        table_key(PIXELS, dataset, ("training", "public-test")),
    ]
    assert len(set(keys)) == len(keys)


def test_the_key_depends_on_the_model_file(dataset, movements):
    without = Feature("mesh", 1, FEATURES["mesh"].compute, FEATURES["mesh"].shape, "float32", "mesh")
    assert table_key(FEATURES["mesh"], dataset, ("training",)) != table_key(without, dataset, ("training",))


def test_the_key_depends_on_the_file_of_an_installed_model(dataset, monkeypatch):
    feature = FEATURES["embedding"]
    keys = set()
    for digest in ("1", "2"):
        monkeypatch.setattr(type(feature.model_files[0]), "sha256", lambda _, digest=digest: digest * 64)
        keys.add(table_key(feature, dataset, ("training",)))
    assert len(keys) == 2


def test_excel_gets_a_column_for_each_number_and_a_sheet_of_edges(dataset, tmp_path):
    import zipfile

    path = tmp_path / "table.xlsx"
    extract(BRIGHT, dataset, path, jobs=1)
    with zipfile.ZipFile(path) as book:
        text = book.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in book.namelist() else b""
        sheets = [book.read(f"xl/worksheets/sheet{n}.xml") for n in (1, 2)]
        assert b'name="adjacency"' in book.read("xl/workbook.xml")
    first = (text + sheets[0]).decode()
    assert all(f">{name}<" in first for name in ("image", "hash", "expression", "split", "found", "f0", "f1"))
    assert sheets[0].count(b"<row ") == 1 + len(Dataset.load(dataset))
    assert sheets[1].count(b"<row ") == 2
    digest = hashlib.sha256(path.read_bytes()).digest()
    extract(BRIGHT, dataset, path, jobs=1)
    assert hashlib.sha256(path.read_bytes()).digest() == digest
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_too_wide_for_excel_is_refused_before_it_is_computed(dataset, tmp_path):
    wide = Feature("wide", 1, lambda crop: pytest.fail("computed"), (16_380,), "float32")
    with pytest.raises(TrainingError, match=r"16,385 columns.*16,384.*Parquet.*table\.parquet"):
        extract(wide, dataset, tmp_path / "table.xlsx", jobs=1)
    assert list(tmp_path.iterdir()) == []


def test_a_table_too_long_for_excel_is_refused(tmp_path):
    check_sheet(tmp_path / "t.xlsx", 1_048_575, PIXELS)
    with pytest.raises(TrainingError, match=r"1,048,577 rows.*1,048,576.*Parquet"):
        check_sheet(tmp_path / "t.xlsx", 1_048_576, PIXELS)


def test_what_cannot_be_used_is_named(dataset, tmp_path):
    with pytest.raises(TrainingError, match=r"table\.csv: the name must end in \.parquet or \.xlsx"):
        extract(PIXELS, dataset, tmp_path / "table.csv")
    with pytest.raises(DatasetError, match="no such file"):
        extract(PIXELS, tmp_path / "nothing.parquet", tmp_path / "table.parquet")
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="cannot be written"):
        extract(PIXELS, dataset, tmp_path / "file" / "table.parquet", jobs=1)


def test_extraction_do_not_depend_on_row_groups(dataset, tmp_path):
    table = pq.read_table(dataset)
    other = tmp_path / "other.parquet"
    with pq.ParquetWriter(other, table.schema) as writer:
        for start in range(0, len(table), 7):
            writer.write_table(table.slice(start, 7))
    for splits in (("training",), ("public-test", "private-test")):
        one, two = (extraction.RowParts(path, splits) for path in (dataset, other))
        assert one.counts == two.counts
        for (a, rows), (b, same) in zip(one.read(one.counts), two.read(two.counts), strict=True):
            assert a == b
            assert rows["hash"].to_pylist() == same["hash"].to_pylist()
            assert rows["row"].to_pylist() == same["row"].to_pylist()
            assert len(rows) == one.counts[a]


def test_the_mesh_is_the_same_in_every_process(movements, tmp_path, out):
    face = cv2.resize(astronaut()[60:250, 135:305], (48, 48), interpolation=cv2.INTER_AREA)
    data = tmp_path / "faces.parquet"
    faces = [np.roll(face, move, axis=1) for move in range(-3, 4)]
    write_dataset([Sample(image, 3, "training") for image in [*faces, np.zeros_like(face)] * 5], data)
    result = extract(FEATURES["mesh"], data, out, jobs=1)
    assert (result.images, result.found) == (40, 35)
    other = out.with_name("other.parquet")
    extract(FEATURES["mesh"], data, other, jobs=2)
    assert out.read_bytes() == other.read_bytes()
    assert pa.types.is_float32(pq.read_schema(out).field("feature").type.value_type)
