"""Every layout, as a folder and as a .zip of it."""

import shutil
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.labels import FER7, FERPLUS8
from training.datasets.sources import read_source
from training.errors import DatasetError

PEOPLE = tuple(f"{person}/{name}.png" for person in range(10) for name in FERPLUS8.labels)


def zipped(folder, wrapper=""):
    """A .zip of a folder's content, perhaps inside another folder."""
    return Path(
        shutil.make_archive(str(folder) + wrapper, "zip", folder.parent if wrapper else folder, wrapper or None)
    )


def samples_of(path, **arguments):
    with read_source(path, **arguments) as source:
        return list(source.samples)


def labels_by_split(samples):
    return Counter((sample.split, FERPLUS8.labels[sample.label]) for sample in samples)


@pytest.mark.parametrize("form", ["csv", "gz", "zip", "folder"])
def test_fer2013_csv(tmp_path, fer2013_csv, fer2013_rows, form):
    folder = tmp_path / "kaggle"
    folder.mkdir()
    shutil.copy(fer2013_csv, folder / "icml_face_data.csv")
    (folder / "train.csv").write_text("emotion,pixels\n")
    paths = {"csv": fer2013_csv, "gz": fer2013_csv.with_suffix(".csv.gz"), "folder": folder}
    samples = samples_of(paths[form] if form in paths else zipped(folder))
    assert [sample.label for sample in samples] == [label for label, _, _ in fer2013_rows]
    np.testing.assert_array_equal([sample.image for sample in samples], [image for _, image, _ in fer2013_rows])
    assert {sample.split for sample in samples} == {"training", "public-test", "private-test"}
    assert {sample.source for sample in samples} == {"fer2013" if form in ("csv", "gz") else "kaggle"}


def test_official_names_give_back_the_official_split(make_pictures):
    names = ("train/angry/Training_1.png", "test/angry/PublicTest_2.png", "test/sad/PrivateTest_3.png")
    samples = samples_of(make_pictures(*names))
    assert labels_by_split(samples) == {
        ("training", "angry"): 1,
        ("public-test", "angry"): 1,
        ("private-test", "sad"): 1,
    }


def test_train_validation_test(make_pictures):
    names = ("train/Happiness/a.png", "validation/happy/b.png", "test/Sadness/c.png", "test/Suprise/d.png")
    assert labels_by_split(samples_of(make_pictures(*names))) == {
        ("training", "happy"): 1,
        ("public-test", "happy"): 1,
        ("private-test", "sad"): 1,
        ("private-test", "surprise"): 1,
    }


@pytest.mark.parametrize("wrapper", ["", "pictures"])
def test_train_and_test_alone_give_up_a_part_of_train_to_choose_on(make_pictures, wrapper):
    names = [f"train/{label}/{i}.png" for label in ("sad", "fear") for i in range(18)]
    names += [f"test/{label}/{i}.png" for label in ("sad", "fear") for i in range(5)]
    samples = samples_of(zipped(make_pictures(*names), wrapper))
    assert labels_by_split(samples) == {
        (split, label): count
        for label in ("sad", "fear")
        for split, count in (("training", 16), ("public-test", 2), ("private-test", 5))
    }
    assert all(sample.name.startswith("test/") == (sample.split == "private-test") for sample in samples)


def test_flat_folders_with_face_before_the_name(make_pictures):
    names = [f"face_{name}/{i}.png" for name in ("angry", "disgusted", "fear", "surprised") for i in range(10)]
    got = labels_by_split(samples_of(make_pictures(*names)))
    for label in ("angry", "disgust", "fear", "surprise"):
        assert (got["training", label], got["public-test", label], got["private-test", label]) == (8, 1, 1)


def test_two_shares_leave_no_private_test(make_pictures):
    names = [f"{label}/{i}.png" for label in FER7.labels for i in range(10)]
    splits = Counter(sample.split for sample in samples_of(make_pictures(*names), shares=(0.9, 0.1)))
    assert splits == {"training": 63, "public-test": 7}


def test_folders_in_class_folders_are_people(make_pictures):
    names = [f"{label}/{person}/{i}.png" for label in ("happy", "sad") for person in "abcdefghij" for i in range(3)]
    samples = samples_of(make_pictures(*names))
    assert len({sample.person for sample in samples}) == 10
    assert len({(sample.person, sample.split) for sample in samples}) == 10


def test_portraits_by_person_with_contempt(make_pictures):
    root = make_pictures(*(f"images/{name}" for name in PEOPLE), side=150)
    (root / "emotions.csv").write_text("set_id,gender,age,country\n0,FEMALE,24,Poland\n")
    samples = samples_of(root)
    assert len(samples) == 80
    assert {sample.image.shape for sample in samples} == {(150, 150, 3)}
    assert Counter(sample.label for sample in samples) == dict.fromkeys(range(8), 10)
    assert len({(sample.person, sample.split) for sample in samples}) == 10
    assert all(sample.votes[sample.label] == sum(sample.votes) == 10 for sample in samples)


def test_labels_that_do_not_tell_contempt_are_no_votes(make_pictures):
    samples = samples_of(make_pictures("angry/1.png", "happy/2.png"))
    assert {sample.votes for sample in samples} == {None}


def test_a_damaged_picture_is_left_out_and_named(make_pictures):
    root = make_pictures("happy/1.png", "happy/2.png", "sad/3.png")
    (root / "happy" / "2.png").write_bytes((root / "happy" / "2.png").read_bytes()[:500])
    with read_source(root) as source:
        assert [sample.name for sample in source.samples] == ["happy/1.png", "sad/3.png"]
    ((name, why),) = source.unreadable
    assert name == "happy/2.png"
    assert "damaged" in why


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize(
    ("names", "words"),
    [
        (
            ["happy/1.png", "bored/2.png"],
            r"unknown expression 'bored' \(1\).*--classes bored=EXPRESSION.*known are: angry",
        ),
        (["train/bored/1.png"], "unknown expression 'bored'"),
        (["0/1.png", "1/2.png"], "'0'.*numbers mean other classes"),
        (["x/1.png", "y/2.png"], "unknown expressions 'x' \\(1\\), 'y'"),
        (["images/1/Bored.png"], "unknown expression"),
        (["train/happy/1.png", "more/happy/1.png"], "neither train, validation nor test"),
        (["happy/1.png", "2.png"], "in no class folder"),
        (["1.png"], "no known layout"),
    ],
)
def test_what_is_no_known_layout_is_refused_in_words(make_pictures, names, words, as_zip):
    root = make_pictures(*names)
    if "images" in names[0]:
        (root / "emotions.csv").write_text("")
    path = zipped(root) if as_zip else root
    with pytest.raises(DatasetError, match=words) as caught:
        samples_of(path)
    assert str(path) in str(caught.value)
    assert "mien-import" not in str(caught.value)


def test_a_bad_row_of_a_csv_in_a_zip_is_named_with_the_zip(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "fer2013.csv").write_text("emotion,pixels,Usage\n3,1 2,Training\n")
    path = zipped(folder)
    with pytest.raises(DatasetError, match=r"set\.zip/fer2013\.csv, row 1: 2 pixels"):
        samples_of(path)


@pytest.mark.parametrize("content", [{}, {"happy": None}])
def test_folders_without_pictures(tmp_path, content):
    for name in content:
        (tmp_path / name).mkdir()
    with pytest.raises(DatasetError, match=r"no known layout|no pictures"):
        samples_of(tmp_path)


def test_two_tables_in_one_folder_are_refused(tmp_path, fer2013_csv):
    for name in ("fer2013.csv", "icml_face_data.csv"):
        shutil.copy(fer2013_csv, tmp_path / name)
    with pytest.raises(DatasetError, match=r"fer2013\.csv and icml_face_data\.csv"):
        samples_of(tmp_path)


def test_nothing_unpacked_is_left_behind(make_pictures, monkeypatch, tmp_path):
    path = zipped(make_pictures("happy/1.png", "sad/1.png"))
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with read_source(path) as source:
        next(source.samples)
        assert list(private.iterdir())
    assert list(private.iterdir()) == []


def test_other_files_are_refused(dataset):
    with pytest.raises(DatasetError, match="is a dataset already"):
        samples_of(dataset)


@pytest.mark.parametrize("form", ["tar", "gztar", "bztar", "xztar"])
@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip", "a"])
def test_an_archive_is_told_by_its_content(make_pictures, form, name):
    root = make_pictures("train/happy/1.png", "test/sad/2.png", "test/sad/3.png")
    path = Path(shutil.make_archive(str(root.parent / "made"), form, root)).rename(root.parent / name)
    assert labels_by_split(samples_of(path))["private-test", "sad"] == 2


def test_a_zip_made_on_windows(tmp_path, make_pictures):
    root = make_pictures("train/happy/1.png", "test/sad/2.png", "test/sad/3.png")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in root.rglob("*.png"):
            member = zipfile.ZipInfo(str(path.relative_to(root)).replace("/", "\\"))
            archive.writestr(member, path.read_bytes())
    assert labels_by_split(samples_of(tmp_path / "a.zip"))["private-test", "sad"] == 2


def test_a_zip_made_on_a_mac(tmp_path, make_pictures):
    """Its names are UTF-8 without saying so, and it holds a hidden file for each file."""
    root = make_pictures("colere/1.png", "joie/2.png")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in root.rglob("*.png"):
            archive.writestr(str(path.relative_to(root)).replace("colere", "col~~re"), path.read_bytes())
            archive.writestr(f"__MACOSX/._{path.name}", b"0")
    content = (tmp_path / "a.zip").read_bytes().replace(b"col~~re", "colère".encode())
    (tmp_path / "a.zip").write_bytes(content)
    with read_source(tmp_path / "a.zip") as source:
        assert [sample.name for sample in source.samples] == ["colère/1.png", "joie/2.png"]
        assert source.passed_over == ()


@pytest.mark.parametrize(
    ("encoding", "name", "label"),
    [
        ("gbk", "愤怒", "angry"),
        ("cp932", "悲しみ", "sad"),
        ("cp949", "슬픔", "sad"),
        ("cp866", "радость", "happy"),
        ("cp850", "colère", "angry"),
    ],
)
def test_a_zip_in_a_code_page_of_windows(tmp_path, make_pictures, encoding, name, label):
    root = make_pictures("happy/1.png", "sad/1.png", "fear/1.png")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for picture in root.rglob("*.png"):
            member = zipfile.ZipInfo(f"{picture.parent.name}/1.png")
            archive.writestr(member, picture.read_bytes())
        stand_in = "~" * len(name.encode(encoding))
        archive.writestr(f"{stand_in}/2.png", (root / "happy" / "1.png").read_bytes())
    content = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(content.replace(stand_in.encode(), name.encode(encoding)))
    labels = [
        FERPLUS8.labels[sample.label] for sample in samples_of(tmp_path / "a.zip") if sample.name.endswith("2.png")
    ]
    assert labels == [label]


def test_archives_in_archives_and_several_in_a_folder(make_pictures, tmp_path):
    root = make_pictures(
        *(f"{split}/{name}/{i}.png" for split in ("train", "test") for name in ("joy", "sad") for i in "12")
    )
    folder = tmp_path / "parts"
    folder.mkdir()
    for split in ("train", "test"):
        shutil.make_archive(str(folder / split), "gztar" if split == "train" else "zip", root / split)
    wrapped = shutil.make_archive(str(tmp_path / "all"), "tar", folder)
    for path in (folder, wrapped):
        assert labels_by_split(samples_of(Path(path)))["private-test", "happy"] == 2


def test_what_is_not_unpacked_is_named(make_pictures):
    root = make_pictures("happy/1.png", "sad/2.png")
    (root / "film.mp4").write_bytes(b"0")
    (root / "sad" / "._2.png").write_bytes(b"0")
    with read_source(zipped(root)) as source:
        assert source.passed_over == (("film.mp4", "neither picture nor table"),)
        assert "1 file passed over: film.mp4" in source.understood


@pytest.mark.parametrize("start", [b"Rar!\x1a\x07\0", b"7z\xbc\xaf\x27\x1c"])
def test_kinds_of_archives_that_cannot_be_unpacked_are_named(tmp_path, start):
    (tmp_path / "a.zip").write_bytes(start + bytes(50))
    for path in (tmp_path, tmp_path / "a.zip"):
        with pytest.raises(DatasetError, match="unpack it and give the folder"):
            samples_of(path)


def test_every_picture_that_the_decoder_knows_is_imported(make_pictures):
    root = make_pictures("happy/1.png", "sad/1.png")
    for suffix in (".jfif", ".jpe", ".heic", ".JP2", ".ppm", ".notes"):
        shutil.copy(root / "happy" / "1.png", root / "happy" / f"2{suffix}")
    with read_source(root) as source:
        assert len(list(source.samples)) == 7
        assert [name for name, _ in source.passed_over] == ["happy/2.notes"]
