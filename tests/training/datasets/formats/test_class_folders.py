"""Folders named after expressions, and what may lie around them; tests/training/datasets/test_sources.py has more."""

import pytest

from training.errors import DatasetError


def test_classes_in_any_language_and_one_that_is_none(read, make_pictures):
    root = make_pictures(*(f"{name}/{i}.png" for name in ("Wut", "Freude", "悲しみ") for i in range(2)), "Ahegao/1.png")
    got = read(root)
    assert sorted(set(got.labels.values())) == ["angry", "happy", "sad"]
    assert "1 of Ahegao" in got.said
    assert "--classes Ahegao=" in got.said
    assert got.passed_over == (("Ahegao/1.png", "of the class Ahegao, which is left out"),)
    assert "Ahegao" not in read(root, classes="Ahegao=-").said.replace("1 of Ahegao", "")
    assert read(root, classes="Ahegao=surprise").labels["Ahegao/1.png"] == "surprise"


def test_numbered_folders_need_a_word_about_whose_numbers_they_are(read, make_pictures):
    root = make_pictures(*(f"train/{number}/{i}.png" for number in range(8) for i in range(3)))
    with pytest.raises(DatasetError, match=r"'0' \(3\).*--classes fer2013 or .*affectnet"):
        read(root)
    labels = read(root, classes="affectnet").labels
    assert (labels["train/0/1.png"], labels["train/1/0.png"]) == ("neutral", "happy")
    assert read(root, classes="sad,happy,-,-,fear,angry,disgust,neutral").labels["train/0/1.png"] == "sad"


def test_folders_around_classes_are_people(read, make_pictures):
    root = make_pictures(*(f"{who}/{name}/1.png" for who in ("anna", "ben", "eve") for name in ("happy", "sad")))
    got = read(root)
    assert got.persons["ben/sad/1.png"] == "pictures/ben"
    assert len({(got.persons[name], got.splits[name]) for name in got.samples}) == 3


def test_a_folder_around_all_classes_is_nobody(read, make_pictures):
    root = make_pictures("images/train/happy/1.png", "images/test/sad/1.png", "images/test/sad/S2/1.png")
    (root / "README.md").write_text("")
    got = read(root)
    assert set(got.persons.values()) == {None, "pictures/S2"}
    assert got.passed_over == (("README.md", "not part of the dataset as it was understood"),)
    assert "1 file passed over: README.md" in got.said


def test_splits_inside_class_folders_are_nobody_either(read, make_pictures):
    names = [
        f"{label}/{split}/{i}.png" for label in ("happy", "sad") for split in ("train", "val", "test") for i in "12"
    ]
    got = read(make_pictures(*names))
    assert set(got.persons.values()) == {None}
    assert (got.splits["sad/val/1.png"], got.splits["happy/test/2.png"]) == ("public-test", "private-test")


def test_pictures_of_a_test_without_labels_are_passed_over(read, make_pictures):
    got = read(make_pictures("train/happy/1.png", "train/sad/1.png", "test/1.png", "test/2.png"))
    assert len(got.samples) == 2
    assert [name for name, _ in got.passed_over] == ["test/1.png", "test/2.png"]


def test_a_class_that_is_not_there_is_said(read, make_pictures):
    got = read(make_pictures("happy/1.png", "sad/1.png", "x/1.png"), classes="x=fear,Ahegoa=-")
    assert "--classes names ahegoa, which is no class here" in got.said


def test_frames_of_one_sequence_stay_together(read, make_pictures):
    names = [f"happy/S{who:03}_001_{frame:08}.png" for who in range(20) for frame in range(3)]
    names += [f"sad/S{who:03}_002_{frame:08}.png" for who in range(20) for frame in range(3)]
    got = read(make_pictures(*names))
    assert len({(got.persons[name], got.splits[name]) for name in names}) == 20
    assert set(got.splits.values()) == {"training", "public-test", "private-test"}
    assert "people: 20, by the file names of CK+" in got.said


def test_a_user_says_who_is_who(read, make_pictures):
    names = [f"{label}/{who}-{i}.png" for label in ("happy", "sad") for who in "abcdefghij" for i in range(4)]
    got = read(make_pictures(*names, "sad/x.png"), person="/([a-z])-")
    assert len({(got.persons[name], got.splits[name]) for name in names}) == 10
    assert "people: 10, by --person; unknown on 1 pictures" in got.said


def test_people_whom_the_sources_own_splits_part_are_said(read, make_pictures):
    names = [f"{split}/happy/S{who:03}_001_00000001.png" for split in ("train", "test") for who in range(3)]
    assert "3 people are in more than one" in read(make_pictures(*names, "train/sad/1.png")).said


def test_words_in_file_names(read, make_pictures):
    root = make_pictures(
        *(f"{who}-{name}{i}.png" for who in "ab" for name in ("Feliz", "sad") for i in range(3)), "x.png"
    )
    got = read(root, person="^(.)-")
    assert (got.labels["a-Feliz0.png"], got.labels["b-sad2.png"]) == ("happy", "sad")
    assert len({(got.persons[name], got.splits[name]) for name in got.samples}) == 2
    assert [name for name, _ in got.passed_over] == ["x.png"]
    with pytest.raises(DatasetError, match="no known layout"):
        read(make_pictures("happy or sad.png", "1.png", root=root.parent / "other"))
