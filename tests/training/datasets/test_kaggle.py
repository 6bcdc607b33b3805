"""Kaggle is never asked: a stand-in takes kagglehub's place."""

import sys
from types import SimpleNamespace

import pytest

from training.datasets.kaggle import KAGGLE_SETS, download
from training.errors import DatasetError


class HTTPError(OSError):
    def __init__(self, status):
        super().__init__(f"{status} Client Error.\n\nMore lines")
        self.response = SimpleNamespace(status_code=status)


class UnauthenticatedError(Exception):
    pass


@pytest.fixture
def kaggle(monkeypatch, tmp_path):
    """A stand-in for kagglehub that notes its calls, and fails with `kaggle.error` where that is set."""
    calls = []

    def fetch(kind):
        def call(handle, **arguments):
            calls.append((kind, handle, arguments))
            if kaggle.error:
                raise kaggle.error
            return str(tmp_path)

        return call

    kaggle = SimpleNamespace(
        dataset_download=fetch("dataset"), competition_download=fetch("competition"), calls=calls, error=None
    )
    monkeypatch.setitem(sys.modules, "kagglehub", kaggle)
    return kaggle


@pytest.mark.parametrize("name", KAGGLE_SETS)
def test_known_names(kaggle, tmp_path, name):
    assert download(name) == tmp_path
    ((kind, handle, arguments),) = kaggle.calls
    assert handle == KAGGLE_SETS[name].handle
    assert (kind == "competition") == ("/" not in handle)
    assert arguments == {}


def test_any_other_set_by_owner_and_name_into_a_folder(kaggle, tmp_path):
    download("someone/faces", tmp_path / "here")
    assert kaggle.calls == [("dataset", "someone/faces", {"output_dir": str(tmp_path / "here")})]


def test_the_one_file_that_is_to_be_imported_is_named(kaggle, tmp_path):
    (tmp_path / "icml_face_data.csv").touch()
    assert download("fer2013-csv") == tmp_path / "icml_face_data.csv"


@pytest.mark.parametrize("name", ["", "nope", "/x", "x/", "a/b/c", "a b/c"])
def test_unknown_names_list_the_known_ones(kaggle, name):
    with pytest.raises(DatasetError, match=r"fer2013, .*owner/name"):
        download(name)
    assert kaggle.calls == []


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("fer2013", HTTPError(401), "token"),
        ("fer2013", HTTPError(403), "token"),
        ("fer2013", UnauthenticatedError("no"), "token"),
        ("fer2013-csv", HTTPError(403), "accept the rules on"),
        ("someone/faces", HTTPError(404), "someone/faces: Kaggle has no such dataset"),
        ("fer2013", HTTPError(500), r"cannot be downloaded \(500 Client Error\.\)"),
        ("fer2013", ConnectionError("no route"), r"cannot be downloaded \(no route\)"),
        ("fer2013", PermissionError(13, "Permission denied", "/x"), "/x: cannot be written"),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(kaggle, name, error, words):
    kaggle.error = error
    with pytest.raises(DatasetError, match=words) as caught:
        download(name)
    assert "\n" not in str(caught.value)


def test_a_missing_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DatasetError, match="pip install kagglehub"):
        download("fer2013")


def test_the_real_library_takes_these_arguments():
    """Looked at from outside: importing it would make its folders."""
    import importlib.util
    from pathlib import Path

    package = importlib.util.find_spec("kagglehub")
    if package is None:
        pytest.skip("kagglehub is not installed")
    folder = Path(package.origin).parent
    for file, function in (("datasets.py", "dataset_download"), ("competition.py", "competition_download")):
        text = (folder / file).read_text()
        assert "output_dir" in text[text.index(f"def {function}") :][:400]
