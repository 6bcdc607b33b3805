import csv
from dataclasses import replace

import numpy as np
import pytest

from training.datasets import Sample
from training.datasets.importing import Tally, merge, with_distinct_names, write_losses
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
