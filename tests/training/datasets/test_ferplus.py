import gzip

import pytest

from training.datasets.fer2013 import read_ferplus
from training.datasets.sample import VOTE_COLUMNS
from training.errors import DatasetError


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
def test_an_ill_formed_file_is_refused(tmp_path, ferplus_csv, change, words):
    path = tmp_path / "votes.csv"
    path.write_text(change(ferplus_csv.read_text()))
    with pytest.raises(DatasetError, match=words):
        read_ferplus(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(DatasetError, match="no such file"):
        read_ferplus(tmp_path / "votes.csv")


@pytest.mark.parametrize(
    "change",
    [lambda packed: packed[:-20], lambda packed: b"no gzip", lambda packed: packed[:10] + b"\xff\xb5" + packed[12:]],
    ids=["cut short", "not gzip", "no deflate"],
)
def test_a_damaged_gzip_file_is_refused(tmp_path, ferplus_csv, change):
    path = tmp_path / "votes.csv.gz"
    path.write_bytes(change(gzip.compress(ferplus_csv.read_bytes())))
    with pytest.raises(DatasetError, match="damaged or cut short"):
        read_ferplus(path)
