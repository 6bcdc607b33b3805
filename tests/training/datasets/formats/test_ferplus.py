import gzip

import pytest

from training.datasets.formats.ferplus import read_ferplus
from training.datasets.sample import VOTE_COLUMNS
from training.datasets.sources import read_source
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
        (lambda text: text[:-8], r"row 210: 9 fields instead of 12"),
    ],
)
def test_an_ill_formed_csv_of_votes_is_refused(tmp_path, ferplus_csv, change, words):
    path = tmp_path / "votes.csv"
    path.write_text(change(ferplus_csv.read_text()))
    with pytest.raises(DatasetError, match=words):
        read_ferplus(path)


@pytest.mark.parametrize(
    "change",
    [lambda packed: packed[:-20], lambda packed: b"no gzip", lambda packed: packed[:10] + b"\xff\xb5" + packed[12:]],
    ids=["cut short", "not gzip", "no deflate"],
)
def test_a_damaged_gzip_file_of_votes_is_refused(tmp_path, ferplus_csv, change):
    path = tmp_path / "votes.csv.gz"
    path.write_bytes(change(gzip.compress(ferplus_csv.read_bytes())))
    with pytest.raises(DatasetError, match=r"damaged or cut short|not FER"):
        read_ferplus(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(DatasetError, match="no such file"):
        read_ferplus(tmp_path / "a.csv")


def test_folders_of_pictures_with_votes(make_pictures):
    """The eighth vote is for contempt; the second picture is no face for most, and the third is missing."""
    root = make_pictures(
        "FER2013Train/fer0.png", "FER2013Train/fer1.png", "FER2013Valid/fer2.png", "FER2013Test/fer3.png"
    )
    rows = ['fer0.png,"(0, 0, 48, 48)",1,0,0,0,0,0,0,9,0,0', 'fer1.png,"(0, 0, 48, 48)",1,0,0,0,0,0,0,0,0,9']
    rows += ['fer9.png,"(0, 0, 48, 48)",10,0,0,0,0,0,0,0,0,0']
    (root / "FER2013Train" / "label.csv").write_text("\n".join(rows))
    (root / "FER2013Valid" / "label.csv").write_text('fer2.png,"(0, 0, 48, 48)",0,8,2,0,0,0,0,0,0,0\n')
    (root / "FER2013Test" / "label.csv").write_text('fer3.png,"(0, 0, 48, 48)",0,0,0,0,9,1,0,0,0,0\n')
    with read_source(root) as source:
        samples = list(source.samples)
    assert [(sample.label, sample.split) for sample in samples] == [
        (0, "private-test"), (7, "training"), (3, "public-test")
    ]  # fmt: skip
    assert samples[1].votes == tuple(9 * (name == "contempt") + (name == "neutral") for name in VOTE_COLUMNS)
    assert "1 of not-a-face" in " ".join(source.understood)
    assert [name for name, _ in source.unreadable] == ["fer9.png"]
