"""`import`, `download` and `sample`; tests/training/audit has the tests of `audit`."""

import csv
import gzip
import shutil
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from core.labels import FERPLUS8
from training.datasets import Dataset, dataset_hash
from training.datasets.formats import formats
from training.errors import DatasetError, TrainingError


def test_sources_merge_without_copies(run_command, tmp_path, fer2013_csv, fer2013_rows, ferplus_csv, make_pictures):
    pictures = make_pictures("happy/1.png", "sad/2.png")
    cv2.imwrite(str(pictures / "happy" / "copy.png"), fer2013_rows[0][1])
    out = tmp_path / "d.parquet"
    output = run_command("import", fer2013_csv, pictures, "--ferplus", ferplus_csv, "--out", out, "--split", "90/10")
    assert "1 left out as copies" in output
    assert "212 images written" in output
    rows = Dataset.load(out)
    assert list(rows.sources) == ["fer2013"] * 210 + ["pictures"] * 2
    assert (rows.votes[:210].sum(axis=1) == 10).all()
    assert not rows.votes[210:].any()
    metadata = pq.read_metadata(out).metadata
    assert metadata[b"mien"] == b"2"
    assert metadata[b"sources"] == b"fer2013,pictures"
    assert metadata[b"split"] == b"90/10"
    assert b'"pictures": {' in metadata[b"counts"]


def test_nothing_is_lost_in_silence(run_command, tmp_path, make_pictures, detector):
    names = [f"images/{person}/{name}.png" for person in "abcde" for name in FERPLUS8.labels]
    root = make_pictures(*names, side=48)
    (root / "emotions.csv").write_text("set_id,gender,age,country\n")
    (root / "images" / "a" / "Happy.png").unlink(missing_ok=True)
    blank = np.full((300, 200, 3), 90, np.uint8)
    cv2.imwrite(str(root / "images" / "a" / "happy.png"), blank)
    (root / "images" / "b" / "sad.png").write_bytes(b"no picture")
    out = tmp_path / "d.parquet"
    output = run_command("import", root, "--out", out)
    assert "39 images written" in output
    assert "5 are labelled contempt" in output
    assert "1 show no face" in output
    assert "1 files could not be read" in output
    listed = list(csv.DictReader((tmp_path / "d.not-found.csv").open()))
    assert [row["file"] for row in listed] == ["images/a/happy.png", "images/b/sad.png"]
    seven, eight = Dataset.load(out), Dataset.load(out, label_set=FERPLUS8)
    assert (len(seven), len(eight)) == (34, 39)
    assert (eight.labels == 7).sum() == 5
    assert (~seven.found).sum() == 1
    assert not seven.images[~seven.found].any()
    assert (eight.votes.argmax(axis=1) == eight.labels).all()


def test_crop_none_takes_pictures_as_they_are(run_command, tmp_path, make_pictures):
    root = make_pictures("happy/1.png", "sad/2.png", side=300)
    run_command("import", root, "--out", tmp_path / "d.parquet", "--crop", "none")
    rows = Dataset.load(tmp_path / "d.parquet")
    assert rows.found.all()
    assert np.ptp(rows.images.astype(int), axis=3).any()


def test_the_same_seed_gives_the_same_file(run_command, tmp_path, make_pictures):
    root = make_pictures(*(f"happy/{i}.png" for i in range(40)))
    splits = []
    for seed in (1, 1, 2):
        run_command("import", root, "--out", tmp_path / "d.parquet", "--seed", seed)
        splits.append(Dataset.load(tmp_path / "d.parquet").splits.tolist())
    assert splits[0] == splits[1] != splits[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["FOLDER", "--split", "80/30"], "--split 80/30"),
        (["FOLDER", "--ferplus", "VOTES"], "one csv of FER2013"),
        (["CSV", "CSV", "--ferplus", "VOTES"], "the sources hold 2"),
    ],
)
def test_mistakes_are_said_and_leave_nothing(
    run_command, tmp_path, make_pictures, fer2013_csv, ferplus_csv, arguments, words
):
    places = {"FOLDER": make_pictures("happy/1.png"), "CSV": fer2013_csv, "VOTES": ferplus_csv}
    out = tmp_path / "out"
    with pytest.raises(DatasetError, match=words):
        run_command("import", *(places.get(argument, argument) for argument in arguments), "--out", out / "d.parquet")
    assert not out.exists()


def test_a_dataset_is_written_under_no_other_formats_name(run_command, tmp_path, fer2013_csv):
    for command in (("import", fer2013_csv), ("sample",)):
        with pytest.raises(TrainingError, match=r"\.parquet"):
            run_command(*command, "--out", tmp_path / "d.csv")
    assert not (tmp_path / "d.csv").exists()


def test_votes_of_another_dataset_are_refused(run_command, tmp_path, fer2013_csv, ferplus_csv):
    short = tmp_path / "short.csv"
    short.write_text("\n".join(ferplus_csv.read_text().splitlines()[:50]) + "\n")
    with pytest.raises(DatasetError, match="belong together"):
        run_command("import", fer2013_csv, "--ferplus", short, "--out", tmp_path / "d.parquet")
    assert list(tmp_path.iterdir()) == [short]


def test_what_a_user_says_of_a_source(run_command, tmp_path, make_pictures):
    root = make_pictures(*(f"{who}-{i}.png" for who in "abcd" for i in range(4)))
    lines = [f"{who}-{i}.png,{('Bored', 'sad', 'Ahegao', '2')[i]}" for who in "abcd" for i in range(4)]
    (root / "t.tsv").write_text("\n".join(["what,emo", *lines]).replace(",", "\t"))
    said = run_command("import", root / "t.tsv", "--image", "what", "--label", "emo", "--person", "^(.)-",
                       "--classes", "Bored=neutral,Ahegao=-,2=joy", "--out", tmp_path / "d.parquet")  # fmt: skip
    assert said.index("people: 4, by --person") < said.index("12 images written")
    rows = Dataset.load(tmp_path / "d.parquet")
    assert len(set(zip(rows.persons, rows.splits, strict=True))) == 4
    assert sorted(rows.labels) == [3] * 4 + [4] * 4 + [6] * 4
    with pytest.raises(DatasetError, match="--classes"):
        run_command("import", root, "--classes", "sad", "--out", tmp_path / "e.parquet")


def test_the_help_names_every_format(run_command):
    said = run_command("import", "--help")
    assert [each.name for each in formats() if each.name not in said] == []


def test_sample(run_command, tmp_path):
    assert "21 drawings" in run_command("sample", "--out", tmp_path / "s.parquet", "--count", "21", "--seed", "3")
    assert len(Dataset.load(tmp_path / "s.parquet")) == 21


def test_download_says_how_to_go_on(run_command, tmp_path, monkeypatch):
    folder = tmp_path / "a folder"
    monkeypatch.setitem(sys.modules, "kagglehub", SimpleNamespace(dataset_download=lambda handle, **_: str(folder)))
    output = run_command("download", "msambare/fer2013")
    assert f"import '{folder}' --out data/fer2013.parquet" in output


def test_the_real_fer2013_as_csv_and_as_zip_is_the_same(run_command, tmp_path, mien_data):
    """Its first 299 rows, for time."""
    (tmp_path / "f").mkdir()
    with gzip.open(mien_data / "data" / "fer2013.csv.gz", "rt") as lines:
        (tmp_path / "f" / "fer2013.csv").write_text("".join(next(lines) for _ in range(300)))
    shutil.make_archive(str(tmp_path / "f"), "zip", tmp_path / "f")
    run_command("import", tmp_path / "f" / "fer2013.csv", "--out", tmp_path / "a.parquet")
    run_command("import", tmp_path / "f.zip", "--out", tmp_path / "b.parquet")
    assert dataset_hash(tmp_path / "a.parquet") == dataset_hash(tmp_path / "b.parquet")
