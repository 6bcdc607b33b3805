import csv
import re
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.labels import FER7
from training.datasets import Dataset, Sample
from training.datasets.importing import Tally, import_sources, merge, with_distinct_names, write_losses
from training.datasets.incoming.layout import Hints
from training.datasets.sources import Source
from training.errors import DatasetError


def source(name, *values, **fields):
    rows = [
        Sample(np.full((48, 48), value, np.uint8), 3, "training", source=name, person=f"{name}/p", name=str(value))
        for value in values
    ]
    return Source(name, "test", iter(rows), count=len(values), **fields)


def merged(*sources, crop=lambda sample: sample):
    tally = Tally()
    return list(merge(with_distinct_names(sources), crop, tally)), tally


def test_the_first_source_keeps_what_two_have():
    rows, tally = merged(source("a", 1, 2), source("b", 2, 3, 1), source("c", 3, 4))
    assert [(row.source, row.name) for row in rows] == [("a", "1"), ("a", "2"), ("b", "3"), ("c", "4")]
    assert tally.copies == 3
    assert tally.kept == {"a": 2, "b": 1, "c": 1}


def test_copies_within_a_source_stay_as_its_makers_left_them():
    rows, tally = merged(source("a", 1, 1), source("b", 2, 2))
    assert len(rows) == 4
    assert tally.copies == 0


def test_a_grey_picture_stored_in_colour_is_still_a_copy():
    other = source("b", 1)
    other = replace(other, samples=(replace(row, image=np.dstack([row.image] * 3)) for row in other.samples))
    assert len(merged(source("a", 1), other)[0]) == 1


def test_sources_of_one_name_get_numbers_and_their_people_stay_apart():
    rows, _ = merged(source("a", 1), source("a", 2), source("a", 3))
    assert [(row.source, row.person) for row in rows] == [("a", "a/p"), ("a-2", "a-2/p"), ("a-3", "a-3/p")]


def test_faces_not_found_stay_and_are_listed(tmp_path):
    opened = source("a", 1, 2, unreadable=[("x.jpg", "Cannot read x.jpg")])
    rows, tally = merged(opened, crop=lambda sample: replace(sample, found=sample.name != "2"))
    assert len(rows) == 2
    path = tmp_path / "d.not-found.csv"
    assert write_losses(path, tally, [opened]) == 2
    listed = list(csv.DictReader(path.open()))
    assert [(row["source"], row["file"], row["label"]) for row in listed] == [("a", "2", "happy"), ("a", "x.jpg", "")]


def test_no_list_where_nothing_was_lost(tmp_path):
    path = tmp_path / "d.not-found.csv"
    path.write_text("of an earlier import")
    assert write_losses(path, Tally(), []) == 0
    assert not path.exists()


def test_contempt_is_counted():
    opened = source("a", 1, 2)
    opened = replace(opened, samples=(replace(row, label=7) for row in opened.samples))
    assert merged(opened)[1].contempt == 2


def test_a_source_of_which_nothing_can_be_read_is_refused():
    empty = Source("a", "test", iter(()), count=2, unreadable=[("x", "bad"), ("y", "bad")])
    with pytest.raises(DatasetError, match="none of its 2 files"):
        merged(empty)


def face(who, blur, split, **fields):
    """A smooth picture that looks the same for one person, more or less noisy."""
    smooth = cv2.resize(np.random.default_rng(who).integers(0, 256, (12, 12), np.uint8), (48, 48))
    noise = np.random.default_rng(blur).integers(-blur, blur + 1, (48, 48))
    image = np.clip(smooth + noise, 0, 255).astype(np.uint8)
    return Sample(image, 3, split, source="a", name=f"{who}-{blur}", **fields)


def test_images_that_look_alike_across_splits_are_counted_once():
    rows = [face(1, 0, "training"), face(1, 2, "training"), face(1, 3, "public-test"), face(1, 1, "private-test")]
    rows += [face(2, 0, "public-test"), face(2, 1, "public-test"), face(3, 0, "private-test")]
    tally = Tally()
    list(merge([Source("a", "test", iter(rows), count=len(rows))], lambda sample: sample, tally))
    assert tally.near_copies() == 2
    assert Tally().near_copies() == 0


def test_what_was_understood_is_said_before_a_picture_is_read(make_pictures, tmp_path):
    root = make_pictures(
        *(f"{name}/{who}_{i}.png" for name in ("Freude", "sad") for who in "abc" for i in range(3)), "Hm/1.png"
    )
    (root / "sad" / "a_0.png").write_bytes(b"")
    out, said = tmp_path / "d.parquet", []

    def say(line):
        assert not out.exists()
        said.append(line)

    hints = Hints(person=re.compile("/(.)_"))
    result = import_sources([root], out, hints=hints, say=say)
    assert said[0] == "pictures: folders by class, 18 pictures"
    assert "happy 9 (from Freude)" in said[1]
    assert "people: 3" in said[3]
    assert "1 of Hm" in said[4]
    assert result.count == 17
    listed = [(row["file"], row["what"]) for row in csv.DictReader(result.losses.open())]
    assert [name for name, _ in listed] == ["sad/a_0.png", "Hm/1.png"]
    assert all("left out" in what for _, what in listed)


def test_few_pictures_with_a_test_of_their_own_have_some_to_choose_on(make_pictures, tmp_path):
    names = [f"train/{label}/{i}.png" for label in FER7.labels for i in range(4)]
    root = make_pictures(*names, *(f"test/{label}/9.png" for label in FER7.labels))
    import_sources([root], tmp_path / "d.parquet")
    rows = Dataset.load(tmp_path / "d.parquet")
    assert Counter(rows.splits) == {"training": 21, "public-test": 7, "private-test": 7}
    assert set(rows.split("public-test").labels) == set(range(7))


def test_where_nothing_is_left_to_choose_on_it_is_said(make_pictures, tmp_path):
    result = import_sources([make_pictures("happy/anna/1.png", "sad/anna/2.png")], tmp_path / "d.parquet")
    assert any("no image is in public-test" in line for line in result.remarks())
