import gzip
import io
import stat
import tarfile
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.datasets import untrusted
from training.datasets.formats.ferplus import read_ferplus
from training.datasets.sources import read_source
from training.datasets.untrusted import bounded_lines, unpack
from training.errors import DatasetError

MILLION = ",".join(map(str, range(1_000_000)))


def read_all(path):
    with read_source(path) as source:
        return list(source.samples)


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
    monkeypatch.setattr(untrusted, "MAX_UNPACKED_BYTES", 10)
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


def test_lines_with_and_without_gzip(tmp_path):
    (tmp_path / "a.csv").write_text("\ufeffone\r\ntwo", encoding="utf-8", newline="")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    for name in ("a.csv", "a.csv.gz"):
        assert list(bounded_lines(tmp_path / name)) == ["one\r\n", "two"]


@pytest.mark.parametrize("header", [MILLION, f"emotion,pixels,Usage,{MILLION}"])
@pytest.mark.parametrize("read", [read_all, read_ferplus])
def test_a_million_columns_are_refused(tmp_path, header, read):
    path = tmp_path / "wide.csv"
    path.write_text(f"{header}\n{MILLION}\n")
    with pytest.raises(DatasetError, match=r"wide\.csv: .*line 1 has more than 65,536 characters"):
        read(path)


def test_a_million_columns_in_a_row_below_an_honest_header_are_refused(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(f"emotion,pixels,Usage\n{MILLION}\n")
    with pytest.raises(DatasetError, match="line 2 has more"):
        read_all(path)


def test_a_gz_that_grows_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(untrusted, "_UNSUSPICIOUS_BYTES", 1000)
    row = f"0,{' '.join(['0'] * 48 * 48)},Training\n"
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(f"emotion,pixels,Usage\n{row * 1000}".encode()))
    with pytest.raises(DatasetError, match="would unpack to"):
        read_all(path)


def make_tar(path, *members, mode="w:gz", **about):
    """A .tar of (name, content), or of (TarInfo, content)."""
    with tarfile.open(path, mode, **about) as file:
        for name, content in members:
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return path


def special(name, kind, target=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_pictures_and_tables_of_a_tar_are_unpacked_and_nothing_else(tmp_path, mode):
    members = [
        ("./x/a.JPG", b"1"),
        ("x\\b.csv", b"2"),
        ("run.sh", b"3"),
        ("./x/._a.jpg", b"4"),
        (special("d", b"5"), b""),
    ]
    assert unpack(make_tar(tmp_path / "a", *members, mode=mode), tmp_path / "out") == ["run.sh"]
    files = {file.relative_to(tmp_path / "out").as_posix() for file in (tmp_path / "out").rglob("*") if file.is_file()}
    assert files == {"x/a.JPG", "x/b.csv"}


@pytest.mark.parametrize("name", ["../a.png", "x/../../a.png", "/tmp/a.png", "..\\a.png", "C:\\a.png", "."])
def test_names_in_a_tar_that_lead_outside_are_refused(tmp_path, name):
    with pytest.raises(DatasetError, match="outside"):
        unpack(make_tar(tmp_path / "a.tgz", (name, b"1")), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    with pytest.raises(DatasetError, match="refused"):
        unpack(make_tar(tmp_path / "a.tgz", (special("a.png", kind, "/etc/passwd"), b"")), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["content", "header"])
def test_a_tar_that_would_grow_absurdly_is_refused(tmp_path, place):
    zeros = bytes(60 * 2**20)
    member = tarfile.TarInfo("a.csv")
    if place == "header":
        member.pax_headers, zeros = {"comment": "0" * len(zeros)}, b""
    path = make_tar(tmp_path / "a.tgz", (member, zeros), format=tarfile.PAX_FORMAT)
    with pytest.raises(DatasetError, match="would unpack to"):
        unpack(path, tmp_path / "out")


def test_a_damaged_tar_is_refused(tmp_path):
    noise = np.random.default_rng(0).bytes(5000)
    path = make_tar(tmp_path / "a.tgz", ("a.csv", noise))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DatasetError, match="damaged"):
        unpack(path, tmp_path / "out")


def test_an_archive_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(untrusted, "MAX_FILES", 2)
    members = [(f"{i}.png", b"") for i in range(3)]
    for path in (make_zip(tmp_path / "a.zip", *members), make_tar(tmp_path / "a.tar", *members, mode="w")):
        with pytest.raises(DatasetError, match="more than 2 files"):
            unpack(path, tmp_path / "out")


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_an_altered_archive_is_unpacked_inside_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    members = [("happy/a.png", b"1" * 40), ("t.csv", b"2" * 40)]
    make = data.draw(st.sampled_from([make_zip, make_tar, lambda path, *rest: make_tar(path, *rest, mode="w")]))
    content = bytearray(make(folder / "a", *members).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    (folder / "a").write_bytes(content)
    with suppress(DatasetError):
        unpack(folder / "a", folder / "out")
    assert {path.name for path in folder.iterdir()} <= {"a", "out"}
