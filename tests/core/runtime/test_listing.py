import os

import pytest

from core.runtime.listing import files_in


def names(paths, folder):
    return [path.relative_to(folder).as_posix() for path in paths]


@pytest.fixture
def folder(tmp_path):
    for name in (
        "b.JPG",
        "a.jpg",
        "._a.jpg",
        ".DS_Store",
        "Thumbs.db",
        "notes.txt",
        "no suffix",
        "in/c.jpg",
        ".git/d.jpg",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def test_what_is_wanted_and_what_is_passed_over_but_nothing_hidden(folder):
    listing = files_in(folder, {".jpg"})
    assert names(listing.wanted, folder) == ["a.jpg", "b.JPG", "in/c.jpg"]
    assert names(listing.passed_over, folder) == ["no suffix", "notes.txt"]
    assert str(listing) == "2 files passed over: no suffix, notes.txt"


def test_a_long_list_is_counted_by_kind(tmp_path):
    for number in range(1200):
        (tmp_path / f"{number:04}.{'RAW' if number % 3 else 'cr2'}").touch()
    (tmp_path / "README").touch()
    said = str(files_in(tmp_path, {".jpg"}))
    assert said == "1,201 files passed over: 800 .raw, 400 .cr2, 1 without a suffix"
    assert str(files_in(tmp_path, {".raw", ".cr2", ""})) == ""
    for number in range(20):
        (tmp_path / f"a.{number}").touch()
    assert str(files_in(tmp_path, {".jpg"})).endswith(", …")


def test_links_to_folders_are_followed_once(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "e.jpg").touch()
    (folder / "link").symlink_to(elsewhere)
    (folder / "in" / "back").symlink_to(folder)
    assert names(files_in(folder, {".jpg"}).wanted, folder) == ["a.jpg", "b.JPG", "in/c.jpg", "link/e.jpg"]


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may open everything")
def test_a_folder_that_may_not_be_opened_is_passed_over(folder):
    (folder / "in").chmod(0)
    try:
        assert "in" in names(files_in(folder, {".jpg"}).passed_over, folder)
    finally:
        (folder / "in").chmod(0o700)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        files_in(tmp_path / "nowhere", {".jpg"})
