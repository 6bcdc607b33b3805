import gzip

import pytest

from training.datasets import untrusted
from training.datasets.fer2013 import read_fer2013, read_ferplus
from training.datasets.sources import read_source
from training.datasets.untrusted import bounded_lines
from training.errors import DatasetError

MILLION = ",".join(map(str, range(1_000_000)))


def test_lines_with_and_without_gzip(tmp_path):
    (tmp_path / "a.csv").write_text("\ufeffone\r\ntwo", encoding="utf-8", newline="")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    for name in ("a.csv", "a.csv.gz"):
        assert list(bounded_lines(tmp_path / name)) == ["one\r\n", "two"]


@pytest.mark.parametrize("header", [MILLION, f"emotion,pixels,Usage,{MILLION}"])
@pytest.mark.parametrize("read", [lambda path: list(read_fer2013(path)), read_ferplus])
def test_a_million_columns_are_refused(tmp_path, header, read):
    path = tmp_path / "wide.csv"
    path.write_text(f"{header}\n{MILLION}\n")
    with pytest.raises(DatasetError, match=r"wide\.csv: refused, for line 1 has more than 65,536 characters"):
        read(path)


def test_a_million_columns_in_a_row_below_an_honest_header_are_refused(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(f"emotion,pixels,Usage\n{MILLION}\n")
    with pytest.raises(DatasetError, match="line 2 has more"), read_source(path) as source:
        list(source.samples)


def test_a_gz_that_grows_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(untrusted, "_SMALL", 1000)
    row = f"0,{' '.join(['0'] * 48 * 48)},Training\n"
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(f"emotion,pixels,Usage\n{row * 1000}".encode()))
    with pytest.raises(DatasetError, match="would unpack to"):
        list(read_fer2013(path))
