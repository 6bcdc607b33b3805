import stat
import zipfile

import pytest

from training.datasets import untrusted
from training.datasets.untrusted import unpack
from training.errors import DatasetError


def make_zip(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def test_pictures_and_tables_are_unpacked_and_nothing_else(tmp_path):
    path = make_zip(tmp_path / "a.zip", ("x/a.JPG", b"1"), ("x/b.csv", b"2"), ("run.sh", b"3"), ("x/c.py", b"4"))
    unpack(path, tmp_path / "out")
    files = {file.relative_to(tmp_path / "out").as_posix() for file in (tmp_path / "out").rglob("*") if file.is_file()}
    assert files == {"x/a.JPG", "x/b.csv"}


@pytest.mark.parametrize(
    "name", ["../a.png", "x/../../a.png", "/tmp/a.png", "..\\a.png", "C:\\a.png", "\\\\host\\a.png"]
)
def test_names_that_lead_outside_are_refused(tmp_path, name):
    path = make_zip(tmp_path / "a.zip", ("good.png", b"1"), (name, b"2"))
    with pytest.raises(DatasetError, match="outside"):
        unpack(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("a.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = make_zip(tmp_path / "a.zip", (link, "/etc/passwd"))
    with pytest.raises(DatasetError, match="symbolic link"):
        unpack(path, tmp_path / "out")


def test_what_would_grow_absurdly_is_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", ("a.csv", bytes(60 * 2**20)))
    with pytest.raises(DatasetError, match="would unpack to"):
        unpack(path, tmp_path / "out")


def test_what_would_fill_the_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(untrusted, "MAX_BYTES", 10)
    with pytest.raises(DatasetError, match="would unpack to"):
        unpack(make_zip(tmp_path / "a.zip", ("a.csv", bytes(11))), tmp_path / "out")


def test_a_declared_size_that_is_too_small_is_seen(tmp_path):
    path = make_zip(tmp_path / "a.zip", ("a.csv", bytes(1000)))
    content = path.read_bytes()
    assert content.count((1000).to_bytes(4, "little")) == 2
    path.write_bytes(content.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(DatasetError, match="damaged"):
        unpack(path, tmp_path / "out")


@pytest.mark.parametrize("change", [lambda zipped: b"no zip", lambda zipped: zipped[: len(zipped) // 2]])
def test_a_damaged_zip_is_refused(tmp_path, change):
    path = make_zip(tmp_path / "a.zip", ("a.csv", bytes(range(256)) * 9))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DatasetError, match="damaged"):
        unpack(path, tmp_path / "out")


@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_inside_a_member_is_refused_whatever_packed_it(tmp_path, how):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", how) as file:
        file.writestr("a.csv", bytes(range(256)) * 9)
    content = path.read_bytes()
    path.write_bytes(content[:45] + b"\xff" * 30 + content[75:])
    with pytest.raises(DatasetError, match="damaged"):
        unpack(path, tmp_path / "out")


def test_a_name_that_is_empty_to_python_is_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", ("a.png", b"1"))
    path.write_bytes(path.read_bytes().replace(b"a.png", b"\0.png"))
    with pytest.raises(DatasetError, match="outside"):
        unpack(path, tmp_path / "out")


def test_a_zip_of_a_version_that_nobody_knows_is_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", ("a.csv", b"1"))
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 6] = 252
    path.write_bytes(bytes(content))
    with pytest.raises(DatasetError, match="version"):
        unpack(path, tmp_path / "out")


def test_a_password_is_said(tmp_path):
    path = make_zip(tmp_path / "a.zip", ("a.csv", b"1"))
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DatasetError, match="password"):
        unpack(path, tmp_path / "out")
