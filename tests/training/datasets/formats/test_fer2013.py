import gzip
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.datasets.formats.fer2013 import USAGES
from training.datasets.incoming.classes import Classes
from training.datasets.incoming.layout import Hints
from training.datasets.sources import read_source
from training.errors import DatasetError

HEADER = "emotion,pixels,Usage"
GOOD = f"3,{' '.join(['7'] * 2304)},Training"


def read_fer2013(path):
    with read_source(path) as source:
        return list(source.samples)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_rows_come_in_order_plain_or_gzipped(fer2013_csv, fer2013_rows, suffix):
    samples = read_fer2013(fer2013_csv.with_suffix(suffix))
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
        ("", "neither a table"),
        ("a,b\n1,2\n", "not FER2013's .emotion, pixels, Usage.*it has a, b"),
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
        read_fer2013(path)
    assert str(path) in str(caught.value)


def test_a_gzip_file_cut_short_says_after_which_row(tmp_path):
    path = tmp_path / "fer2013.csv.gz"
    rng = np.random.default_rng(0)
    rows = [f"3,{' '.join(map(str, rng.integers(0, 256, 2304)))},Training" for _ in range(40)]
    path.write_bytes(gzip.compress("\n".join([HEADER, *rows]).encode())[:-20_000])
    with pytest.raises(DatasetError, match=r"cut short after row [1-9]"):
        read_fer2013(path)


@pytest.mark.parametrize("name", ["fer2013.csv.gz", "fer2013", "fer2013.dat"])
def test_a_csv_is_one_whatever_it_is_called(tmp_path, name):
    path = tmp_path / name
    path.write_text(f"{HEADER}\n{GOOD}\n")
    assert len(read_fer2013(path)) == 1


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{GOOD}\n".replace(",", ";"),
        f"{HEADER}\n{GOOD}\n".replace(",", "\t"),
        f"Emotion, PIXELS , usage\n{GOOD}\n",
        f"{HEADER}\n{GOOD}\n".replace("3,", "3.0,"),
        f"{HEADER}\n{GOOD}\n".replace("3,", "Happy,"),
        f"{HEADER}\n{GOOD}\n".replace("3,", "glücklich,"),
        f"index,{HEADER}\n0,{GOOD}\n",
    ],
    ids=["semicolon", "tab", "header", "float", "name", "German", "index"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_forms_that_people_write(tmp_path, content, encoding):
    path = tmp_path / "fer2013.csv"
    path.write_text(content, encoding=encoding)
    (sample,) = read_fer2013(path)
    assert (sample.label, sample.split, sample.image[0, 0]) == (3, "training", 7)


def test_without_usage_the_rows_are_split_and_classes_may_be_left_out(tmp_path):
    path = tmp_path / "train.csv"
    rows = [f"{label},{' '.join([str(i)] * 2304)}" for label in (0, 3, 7) for i in range(20)]
    path.write_text("\n".join(["emotion,pixels", *rows]))
    with read_source(path, hints=Hints(Classes.parse("7=-"))) as source:
        samples = list(source.samples)
    assert Counter(sample.split for sample in samples) == {"training": 32, "public-test": 4, "private-test": 4}
    assert Counter(sample.label for sample in samples) == {0: 20, 3: 20}


def test_a_missing_file(tmp_path):
    with pytest.raises(DatasetError, match="no such file"):
        read_fer2013(tmp_path / "a.csv")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"{HEADER}\n{text}".encode()), st.booleans())
def test_any_bytes_give_rows_or_a_dataset_error(tmp_path_factory, content, zipped):
    path = tmp_path_factory.mktemp("fuzz") / ("a.csv.gz" if zipped else "a.csv")
    path.write_bytes(gzip.compress(content) if zipped else content)
    with pytest.raises(DatasetError):
        read_fer2013(path)


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
    rows = [(6, 9, "PublicTest"), *rows]  # without one, a part of Training would become it
    lines = [f",{space}".join(columns)]
    for label, value, usage in rows:
        fields = {"emotion": label, "pixels": " ".join(str((value + i) % 256) for i in range(2304)), "Usage": usage}
        lines.append(f",{space}".join(str(fields[name]) for name in columns))
    path = tmp_path_factory.mktemp("fuzz") / "a.csv"
    path.write_bytes((newline.join([*lines, ""])).encode("utf-8-sig" if has_mark else "utf-8"))
    samples = read_fer2013(path)
    assert [(row.label, row.image[0, 0], row.split) for row in samples] == [(a, b, USAGES[c]) for a, b, c in rows]
    assert all((np.diff(row.image.ravel().astype(int)) % 256 == 1).all() for row in samples)
