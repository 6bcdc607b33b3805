"""Datasets of researchers, as their makers give them out: RAF-DB, AffectNet, ExpW, CK+, JAFFE and KDEF."""

import numpy as np
import pytest

from training.errors import DatasetError


@pytest.mark.parametrize("both", [False, True])
def test_rafdb_with_its_list(read, make_pictures, both):
    names = ["train_00001", "train_00002", "test_0001"]
    root = make_pictures(*(f"basic/Image/aligned/{name}_aligned.jpg" for name in names))
    if both:
        make_pictures(*(f"basic/Image/original/{name}.jpg" for name in names), side=200)
    (root / "basic" / "EmoLabel").mkdir()
    (root / "basic" / "EmoLabel" / "list_patition_label.txt").write_text(
        "train_00001.jpg 5\ntrain_00002.jpg 4\ntest_0001.jpg 1\ntest_0002.jpg 7\n"
    )
    got = read(root)
    assert {name.rpartition("/")[2]: label for name, label in got.labels.items()} == {
        "train_00001_aligned.jpg": "sad", "train_00002_aligned.jpg": "happy", "test_0001_aligned.jpg": "surprise"
    }  # fmt: skip
    assert list(got.splits.values()).count("private-test") == 1
    assert [name for name, _ in got.unreadable] == ["test_0002"]
    assert len(got.passed_over) == 3 * both


def test_rafdb_in_numbered_folders(read, make_pictures):
    root = make_pictures(
        "train/6/train_00009_aligned.jpg", "train/7/train_00010_aligned.jpg", "test/2/test_0003_aligned.jpg"
    )
    assert list(read(root).labels.values()) == ["fear", "angry", "neutral"]


def test_a_list_of_rafdb_without_pictures(read, tmp_path):
    (tmp_path / "list.txt").write_text("train_00001.jpg 5\n")
    with pytest.raises(DatasetError, match="none of the pictures"):
        read(tmp_path)


@pytest.mark.parametrize("whole", [True, False])
def test_affectnet(read, make_pictures, whole):
    sets = ("train_set", "val_set") if whole else ("x",)
    root = make_pictures(*(f"{name}/images/{i}.jpg" for name in sets for i in range(4)))
    for name in sets:
        (root / name / "annotations").mkdir()
        for i, label in enumerate((np.array("7"), np.array(1), np.array(["3"]))):
            np.save(root / name / "annotations" / f"{i}_exp.npy", label)
            np.save(root / name / "annotations" / f"{i}_val.npy", np.array(0.5))
    got = read(root)
    assert [got.labels[name] for name in sorted(got.labels)] == ["contempt", "happy", "surprise"] * len(sets)
    if whole:
        assert got.splits["train_set/images/0.jpg"] == "training"
        assert got.splits["val_set/images/0.jpg"] == "public-test"
    assert all(sum(sample.votes) == 10 for sample in got.samples.values())
    assert [why for _, why in got.unreadable] == ["there is no annotations/3_exp.npy"] * len(sets)
    assert not got.passed_over


def test_an_annotation_that_is_no_label(read, make_pictures):
    root = make_pictures(*(f"a/images/{i}.jpg" for i in range(5)))
    (root / "a" / "annotations").mkdir()
    np.save(root / "a" / "annotations" / "0_exp.npy", np.array(1))
    np.save(root / "a" / "annotations" / "4_exp.npy", np.array([0xE2E2E237, 0xE2E2], np.uint32).view("<U2"))
    (root / "a" / "annotations" / "1_exp.npy").write_bytes(b"\x93NUMPY nothing")
    np.save(root / "a" / "annotations" / "2_exp.npy", np.array([1, 2]))
    np.save(root / "a" / "annotations" / "3_exp.npy", np.array([0xFFFFFFFF], np.uint32).view("<U1"))
    got = read(root)
    assert list(got.labels.values()) == ["happy"]
    assert len(got.unreadable) == 4


def test_expw(read, make_pictures):
    root = make_pictures("origin/afraid_1.jpg", "origin/x_2.jpg", side=120)
    (root / "label.lst").write_text(
        "afraid_1.jpg 0 10 20 70 60 95.5 2\nx_2.jpg 0 0 0 40 40 80 6\nx_2.jpg 1 50 50 90 90 80 0\n"
        "gone.jpg 0 1 2 3 4 5 6\n"
    )
    got = read(root)
    assert got.labels["origin/afraid_1.jpg"] == "fear"
    assert got.samples["origin/afraid_1.jpg"].box == (20, 10, 50, 50)
    assert [name for name, _ in got.unreadable] == ["gone.jpg"]


def test_sequences_of_ck_plus(read, make_pictures):
    frames = [f"cohn-kanade-images/S{who:03}/001/S{who:03}_001_{i:08}.png" for who in (5, 6, 7) for i in range(1, 8)]
    root = make_pictures(*frames)
    for who, label in ((5, "3.0000000e+00"), (6, "5.0000000e+00")):
        path = root / f"Emotion/S{who:03}/001/S{who:03}_001_00000007_emotion.txt"
        path.parent.mkdir(parents=True)
        path.write_text(f"   {label}\n")
    got = read(root)
    assert [got.labels[name] for name in frames[:7] if name in got.labels] == ["neutral", *["disgust"] * 3]
    assert len(got.samples) == 8
    assert len({(got.persons[name], got.splits[name]) for name in got.samples}) == 2
    assert len(got.passed_over) == 13


def test_names_that_tell_person_and_expression(read, make_pictures):
    names = [f"KDEF/{s}{p}/{s}{p}{e}S.JPG" for s in "AB" for p in ("F01", "F02", "M01") for e in ("AF", "HA", "NE")]
    names += ["JAFFE/KM.SU1.14.tiff", "JAFFE/KM.NE3.3.tiff"]
    got = read(make_pictures(*names))
    assert got.labels["KDEF/BF01/BF01AFS.JPG"] == "fear"
    assert got.labels["JAFFE/KM.SU1.14.tiff"] == "surprise"
    assert got.persons["KDEF/AF01/AF01HAS.JPG"] == got.persons["KDEF/BF01/BF01NES.JPG"]
    assert len({(got.persons[name], got.splits[name]) for name in names}) == 4
    assert "JAFFE" in got.layout
    assert "KDEF" in got.layout
