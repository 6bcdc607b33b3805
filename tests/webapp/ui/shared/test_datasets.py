import os

import pytest

from training.datasets.cartoon import write_sample
from training.errors import DatasetError
from webapp.ui.shared.datasets import confined, dataset_files, new_file, roots


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    """`data/` in a folder of its own, and something beside it that is nobody's business."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    (tmp_path / "data" / "faces").mkdir(parents=True)
    (tmp_path / "data" / "faces" / "a.csv").write_text("")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.csv").write_text("")
    return tmp_path


def test_more_roots_are_named_by_the_environment(workplace, monkeypatch):
    assert [root.as_posix() for root in roots()] == ["data"]
    monkeypatch.setenv("MIEN_DATASETS", os.pathsep.join(["/one", " two ", "", "/one"]))
    assert [root.as_posix() for root in roots()] == ["data", "/one", "two"]


@pytest.mark.parametrize("text", ["data/faces", "data/faces/a.csv", "data/../data/faces/a.csv", " data/faces "])
def test_what_lies_inside_is_given_back(workplace, text):
    assert confined(text) == (workplace / text.strip()).resolve()


def test_so_is_what_lies_in_a_named_folder(workplace, monkeypatch):
    monkeypatch.setenv("MIEN_DATASETS", str(workplace / "secret"))
    assert confined(str(workplace / "secret" / "key.csv")) == workplace / "secret" / "key.csv"


@pytest.mark.parametrize(
    "text",
    ["secret/key.csv", "data/../secret", "data/faces/../../secret/key.csv", "/etc/passwd", "..", "", "~root", "data2"],
)
def test_what_lies_outside_is_refused(text):
    with pytest.raises(DatasetError, match="outside data/"):
        confined(text)


def test_a_link_that_leads_outside_is_refused(workplace):
    (workplace / "data" / "link.csv").symlink_to(workplace / "secret" / "key.csv")
    with pytest.raises(DatasetError, match="outside"):
        confined("data/link.csv")
    (workplace / "data" / "faces" / "deep").symlink_to(workplace / "secret")
    with pytest.raises(DatasetError, match=r"faces/deep: .*outside"):
        confined("data/faces")


def test_a_link_that_stays_inside_is_not(workplace):
    (workplace / "data" / "faces" / "b.csv").symlink_to(workplace / "data" / "faces" / "a.csv")
    assert confined("data/faces")


@pytest.mark.parametrize(
    ("text", "words"),
    [("data/nothing", "no such file"), ("data/\0", "not a path"), ("data/" + "x" * 300, "not a path")],
)
def test_what_is_not_there_is_named(text, words):
    with pytest.raises(DatasetError, match=words):
        confined(text)


def test_only_datasets_are_offered(workplace, monkeypatch):
    write_sample(workplace / "data" / "b.parquet", 7)
    (workplace / "data" / "notes.parquet").write_text("not a table")
    write_sample(workplace / "secret" / "c.parquet", 7)
    (workplace / "data" / "stolen.parquet").symlink_to(workplace / "secret" / "c.parquet")
    assert [path.as_posix() for path in dataset_files()] == ["data/b.parquet"]
    monkeypatch.setenv("MIEN_DATASETS", "secret")
    assert [path.as_posix() for path in dataset_files()] == [
        "data/b.parquet",
        "data/stolen.parquet",
        "secret/c.parquet",
    ]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a.b", " ", "x" * 101])
def test_a_name_that_is_a_path_is_refused(name):
    with pytest.raises(DatasetError, match="plain name"):
        new_file(name)


def test_nothing_is_written_over(workplace):
    assert new_file("my-faces_2").as_posix() == "data/my-faces_2.parquet"
    (workplace / "data" / "old.parquet").write_text("")
    with pytest.raises(DatasetError, match="exists already"):
        new_file("old")
