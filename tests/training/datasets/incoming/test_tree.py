"""The files of a source, and how tables name them."""

import pytest

from training.datasets.incoming.classes import Classes
from training.datasets.incoming.tree import Tree, split_in, split_named, split_of_file


@pytest.fixture
def tree(make_pictures):
    root = make_pictures("data/train/7/a.png", "data/test/7/a.png", "data/test/7/b.jpg", "data/c d.png")
    (root / "labels.csv").write_text("")
    (root / "data" / "._c.png").write_bytes(b"")
    (root / "outside.png").write_bytes(b"")
    return Tree.of_folder(root / "data", Classes())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("train/7/a.png", "train/7/a.png"),
        ("train\\7\\a.png", "train/7/a.png"),
        ("/kaggle/input/faces/train/7/a.png", "train/7/a.png"),
        ("C:\\me\\TEST\\7\\a.png", "test/7/a.png"),
        ("b.jpg", "test/7/b.jpg"),
        ("b", "test/7/b.jpg"),
        (" c d.png ", "c d.png"),
        ("a.png", None),  # there are two
        ("7/a.png", None),
        ("../outside.png", None),
        ("", None),
        ("x\0", None),
        ("x" * 5000, None),
    ],
)
def test_tables_name_pictures_in_many_ways(tree, text, found):
    path = tree.find(text, tree.root / "table.csv")
    assert (path and tree.name_of(path)) == found


def test_a_table_alone_finds_what_lies_below_it_and_elsewhere_only_if_it_may(tree):
    table = tree.root / "labels.csv"
    outside = str(tree.root.parent / "outside.png")
    assert tree.find("b.jpg", table)
    assert Tree.of_file(table).find(outside, table) is None
    assert str(Tree.of_file(table, roams=True).find(outside, table)) == outside


def test_hidden_files_do_not_count(tree):
    assert [path.name for path in tree.pictures] == ["c d.png", "a.png", "b.jpg", "a.png"]


def test_a_folder_that_only_wraps_is_stepped_into(make_pictures):
    root = make_pictures("a/b/train/happy/1.png")
    assert Tree.of_folder(root, Classes()).root == root / "a" / "b"


@pytest.mark.parametrize(
    ("name", "split"),
    [("Train", "training"), ("val_set", "public-test"), ("Private Test", "private-test"), ("testing", "private-test"),
     ("dev", "public-test"), ("PublicTest", "public-test"), ("happy", None), ("contest", None)],
)  # fmt: skip
def test_names_of_splits(name, split):
    assert split_named(name) == split
    assert split_in(f"data/{name}/happy/train.png") == split


@pytest.mark.parametrize(
    ("name", "split"),
    [("train-00000-of-00002.parquet", "training"), ("instances_val2017.json", "public-test"), ("labels.csv", None)],
)
def test_names_of_files_that_tell_a_split(name, split):
    assert split_of_file(name) == split
