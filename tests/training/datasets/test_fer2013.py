import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.datasets.fer2013 import USAGES, read_fer2013, read_ferplus
from training.datasets.sample import VOTE_COLUMNS
from training.errors import DatasetError

HEADER = "emotion,pixels,Usage"
GOOD = f"3,{' '.join(['7'] * 2304)},Training"


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_rows_come_in_order_plain_or_gzipped(fer2013_csv, fer2013_rows, suffix):
    samples = list(read_fer2013(fer2013_csv.with_suffix(suffix)))
    assert [sample.label for sample in samples] == [label for label, _, _ in fer2013_rows]
    for sample, (_, image, _) in zip(samples, fer2013_rows, strict=True):
        np.testing.assert_array_equal(sample.image, image)
    assert {sample.split for sample in samples} == {"training", "public-test", "private-test"}


def test_columns_may_stand_in_another_order(tmp_path):
    path = tmp_path / "icml.csv"
    path.write_text(f"Usage,emotion, pixels\nPublicTest,6,{' '.join(['0'] * 2304)}\n")
    (sample,) = read_fer2013(path)
    assert (sample.label, sample.split) == (6, "public-test")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "lacks the column 'emotion'"),
        ("a,b\n1,2\n", "lacks the column 'emotion'"),
        (f"{HEADER}\n", "no rows"),
        (f"{HEADER}\n{GOOD}\n7,{GOOD[2:]}\n", "row 2: emotion '7'"),
        (f"{HEADER}\n{GOOD}\n-1,{GOOD[2:]}\n", "row 2: emotion '-1'"),
        (f"{HEADER}\n{GOOD}\n{GOOD[:500]}", "row 2: 2 fields instead of 3"),
        (f"{HEADER}\n3,1 2 3,Training\n", "row 1: 3 pixels instead of 2304"),
        (f"{HEADER}\n{GOOD.replace(' 7 7', ' 7 256', 1)}\n", "row 1: a pixel is outside"),
        (f"{HEADER}\n{GOOD.replace(' 7 7', ' 7 -1', 1)}\n", "row 1: a pixel is outside"),
        (f"{HEADER}\n{GOOD.replace(' 7 7', ' 7 x', 1)}\n", "row 1: a pixel is not a whole number"),
        (f"{HEADER}\n{GOOD.replace(' 7 7', ' 7 9999999999999999999', 1)}\n", "row 1: a pixel"),
        (f"{HEADER}\n{GOOD.replace('Training', 'Holiday')}\n", "row 1: Usage 'Holiday'"),
    ],
)
def test_an_ill_formed_csv_is_refused_and_the_row_named(tmp_path, content, words):
    path = tmp_path / "fer2013.csv"
    path.write_text(content)
    with pytest.raises(DatasetError, match=words) as caught:
        list(read_fer2013(path))
    assert str(path) in str(caught.value)


def test_a_gzip_file_cut_short_says_after_which_row(tmp_path):
    path = tmp_path / "fer2013.csv.gz"
    rng = np.random.default_rng(0)
    rows = [f"3,{' '.join(map(str, rng.integers(0, 256, 2304)))},Training" for _ in range(40)]
    path.write_bytes(gzip.compress("\n".join([HEADER, *rows]).encode())[:-20_000])
    with pytest.raises(DatasetError, match=r"cut short after row [1-9]"):
        list(read_fer2013(path))


def test_a_file_that_is_gzip_by_name_only(tmp_path):
    path = tmp_path / "fer2013.csv.gz"
    path.write_text(HEADER)
    with pytest.raises(DatasetError, match="not gzip"):
        list(read_fer2013(path))


@pytest.mark.parametrize("read", [lambda path: list(read_fer2013(path)), read_ferplus])
def test_a_missing_file(tmp_path, read):
    with pytest.raises(DatasetError, match="no such file"):
        read(tmp_path / "a.csv")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"{HEADER}\n{text}".encode()), st.booleans())
def test_any_bytes_give_rows_or_a_dataset_error(tmp_path_factory, content, zipped):
    path = tmp_path_factory.mktemp("fuzz") / ("a.csv.gz" if zipped else "a.csv")
    path.write_bytes(gzip.compress(content) if zipped else content)
    with pytest.raises(DatasetError):
        list(read_fer2013(path))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 255), st.sampled_from(list(USAGES))), min_size=1, max_size=5),
    st.permutations(["emotion", "pixels", "Usage"]),
    st.sampled_from(["", " ", "  "]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_whatever_was_written_comes_back(tmp_path_factory, rows, columns, space, newline, has_mark):
    """In any order of columns, with spaces before names and values, either line end, and a byte order mark."""
    lines = [f",{space}".join(columns)]
    for label, value, usage in rows:
        fields = {"emotion": label, "pixels": " ".join(str((value + i) % 256) for i in range(2304)), "Usage": usage}
        lines.append(f",{space}".join(str(fields[name]) for name in columns))
    path = tmp_path_factory.mktemp("fuzz") / "a.csv"
    path.write_bytes((newline.join([*lines, ""])).encode("utf-8-sig" if has_mark else "utf-8"))
    samples = list(read_fer2013(path))
    assert [(row.label, row.image[0, 0], row.split) for row in samples] == [(a, b, USAGES[c]) for a, b, c in rows]
    assert all((np.diff(row.image.ravel().astype(int)) % 256 == 1).all() for row in samples)


def test_votes_come_in_the_order_of_the_label_set(ferplus_csv, fer2013_rows):
    votes = read_ferplus(ferplus_csv)
    assert votes.shape == (len(fer2013_rows), 10)
    assert VOTE_COLUMNS[:4] == ("angry", "disgust", "fear", "happy")
    assert [row.argmax() for row in votes] == [label for label, _, _ in fer2013_rows]
    assert (votes[:, VOTE_COLUMNS.index("unknown")] == 1).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("disgust,", "disgus,", 1), "lacks the column 'disgust'"),
        (lambda text: text.replace(",9", ",many", 1), r"row \d+: a vote is not a whole number"),
        (lambda text: text.replace(",9", ",-9", 1), r"row \d+: a vote is outside"),
        (lambda text: text[:-8], r"row 210: a vote is not a whole number"),
    ],
)
def test_an_ill_formed_csv_of_votes_is_refused(tmp_path, ferplus_csv, change, words):
    path = tmp_path / "votes.csv"
    path.write_text(change(ferplus_csv.read_text()))
    with pytest.raises(DatasetError, match=words):
        read_ferplus(path)


@pytest.mark.parametrize(
    "change",
    [lambda packed: packed[:-20], lambda packed: b"no gzip", lambda packed: packed[:10] + b"\xff\xb5" + packed[12:]],
    ids=["cut short", "not gzip", "no deflate"],
)
def test_a_damaged_gzip_file_of_votes_is_refused(tmp_path, ferplus_csv, change):
    path = tmp_path / "votes.csv.gz"
    path.write_bytes(change(gzip.compress(ferplus_csv.read_bytes())))
    with pytest.raises(DatasetError, match="damaged or cut short"):
        read_ferplus(path)
