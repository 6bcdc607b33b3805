"""Tables, recognised by content."""

import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.datasets.incoming import tabular
from training.datasets.incoming.tabular import open_table
from training.errors import DatasetError

ROWS = [("a b.png", "happy"), ("c.png", "sad, very")]


def written(folder, form):
    path = folder / f"table{form}"
    records = [dict(zip(("Path", "label"), row, strict=True)) for row in ROWS]
    if form in (".csv", ".gz", ".tsv", ".lst"):
        separator = {".csv": ",", ".gz": ";", ".tsv": "\t", ".lst": "|"}[form]
        text = "\r\n".join(separator.join(f'"{field}"' for field in row) for row in [("Path", "label"), *ROWS])
        path.write_bytes(gzip.compress(text.encode()) if form == ".gz" else text.encode("utf-8-sig"))
    elif form == ".jsonl":
        path.write_text("\n".join(map(json.dumps, records)) + "\n\n")
    elif form == ".json":
        path.write_text(json.dumps(records, indent=1))
    else:
        pq.write_table(pa.Table.from_pylist(records), path)
    return path


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("form", [".csv", ".gz", ".tsv", ".lst", ".jsonl", ".json", ".parquet"])
def test_every_form_gives_the_same_rows(tmp_path, form, renamed):
    path = written(tmp_path, form)
    table = open_table(path.rename(tmp_path / "table") if renamed else path)
    assert table.columns == ("Path", "label")
    assert table.column("label", "path") == "label"
    assert table.column("PATH".lower()) == "Path"
    assert list(table.read(["label", "Path"])) == [row[::-1] for row in ROWS]
    cell = table.cell("label")
    assert [cell(1), cell(0), cell(1), cell(1)] == ["sad, very", "happy", "sad, very", "sad, very"]


@pytest.mark.parametrize("text", ["a.png,x\n", '{"a": 1}\n'])
def test_a_table_of_millions_of_rows_is_refused(tmp_path, monkeypatch, text):
    monkeypatch.setattr(tabular, "MAX_ROWS", 10)
    (tmp_path / "x").write_text(text * 12)
    table = open_table(tmp_path / "x")
    with pytest.raises(DatasetError, match="more than 10 rows"):
        list(table.read(table.columns))
    pq.write_table(pa.table({"a": range(12)}), tmp_path / "x")
    with pytest.raises(DatasetError, match="more than 10 rows"):
        open_table(tmp_path / "x")


def test_a_list_of_names_and_labels_with_spaces_between(tmp_path):
    (tmp_path / "list.txt").write_text("1.jpg  happy\n2.jpg sad \n")
    assert list(open_table(tmp_path / "list.txt").read(["1", "2"])) == [("1.jpg", "happy"), ("2.jpg", "sad")]


def test_a_table_without_a_header(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("\n".join(",".join(f'"{field}"' for field in row) for row in ROWS))
    table = open_table(path)
    assert table.columns == ("1", "2")
    assert table.lacks_header
    assert list(table.read(["1", "2"])) == ROWS


@pytest.mark.parametrize("content", [b"", b" \n", b"one word", b"\x89PNG\r\n\x1a\n\0\0", b"{", b"[1, 2]", b"{}"])
def test_what_is_no_table(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    assert open_table(path) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n3\n", "row 2: 1 fields instead of 2"),
        ('{"a": 1}\n{"a": \n', "JSON lines"),
        ('{"a": 1}\n[2]\n', "row 2: no record"),
        ("[[", "JSON"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path, content, words):
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(DatasetError, match=words):
        list(open_table(path).read(["a"]))


def test_a_packed_table_whose_first_line_is_damaged_is_none(tmp_path):
    packed = bytearray(gzip.compress(bytes(np.random.default_rng(0).integers(97, 122, 70_000, np.uint8))))
    packed[-6] ^= 1
    (tmp_path / "x.csv").write_bytes(packed)
    assert open_table(tmp_path / "x.csv") is None


def test_text_in_an_old_encoding_is_named_as_such(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("path,label\na.png,colère\n".encode("cp1252"))
    with pytest.raises(DatasetError, match="UTF-8"):
        open_table(path)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PAR1", b"{", b"[", b"\xff\xfe", b"\x1f\x8b", b"a,b\n"]))
def test_any_bytes_are_a_table_or_none_or_refused(tmp_path_factory, content, start):
    path = tmp_path_factory.mktemp("fuzz") / "x.csv"
    path.write_bytes(start + content)
    try:
        table = open_table(path)
        if table:
            list(table.read(table.columns))
    except DatasetError:
        pass
