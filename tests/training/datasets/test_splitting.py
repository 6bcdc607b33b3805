from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.datasets.sample import SPLITS
from training.datasets.splitting import assign_splits, complete_splits, parse_shares
from training.errors import DatasetError

SHARES = st.sampled_from([(0.8, 0.1, 0.1), (0.7, 0.15, 0.15), (0.9, 0.1), (0.34, 0.33, 0.33)])
LABELS = st.lists(st.integers(0, 7), max_size=300)


@settings(deadline=None)
@given(LABELS, SHARES, st.integers(0, 5))
def test_every_class_is_shared_out_to_within_one_image_and_a_rare_one_to_every_split(labels, shares, seed):
    splits = assign_splits(labels, [None] * len(labels), shares, seed)
    for label, count in Counter(labels).items():
        got = Counter(split for split, other in zip(splits, labels, strict=True) if other == label)
        for name, share in zip(SPLITS, shares, strict=False):
            assert abs(got[name] - share * count) < (1 if min(shares) * count >= 1 else 2)
            assert got[name] or count <= len(shares)


@settings(deadline=None)
@given(st.data(), LABELS, SHARES)
def test_no_split_is_empty_as_long_as_there_are_enough_people(data, labels, shares):
    persons = data.draw(st.lists(st.sampled_from([None, *"abcdef"]), min_size=len(labels), max_size=len(labels)))
    splits = assign_splits(labels, persons, shares, 0)
    groups = len({*persons} - {None}) + persons.count(None)
    assert len(set(splits)) == min(groups, len(shares))


@settings(deadline=None)
@given(st.data(), LABELS, SHARES)
def test_nobody_is_in_two_splits_and_no_image_in_none(data, labels, shares):
    persons = data.draw(st.lists(st.sampled_from([None, *"abcdef"]), min_size=len(labels), max_size=len(labels)))
    splits = assign_splits(labels, persons, shares, 0)
    assert set(splits) <= set(SPLITS[: len(shares)])
    homes = {(person, split) for person, split in zip(persons, splits, strict=True) if person}
    assert len(homes) == len({person for person, _ in homes})


@settings(max_examples=30, deadline=None)
@given(st.integers(10, 60), SHARES, st.integers(0, 5))
def test_people_of_equal_pictures_are_shared_out_to_within_one_person(people, shares, seed):
    labels = np.tile(np.arange(8), people)
    persons = np.repeat([f"p{i}" for i in range(people)], 8).tolist()
    got = Counter(assign_splits(labels, persons, shares, seed))
    for name, share in zip(SPLITS, shares, strict=False):
        assert abs(got[name] / 8 - share * people) <= 1


def test_images_without_a_person_fill_what_people_leave():
    labels = [0] * 100
    persons = ["large"] * 30 + [None] * 70
    splits = assign_splits(labels, persons, (0.5, 0.25, 0.25), 0)
    assert Counter(splits) == {"training": 50, "public-test": 25, "private-test": 25}


def test_the_seed_decides():
    labels = [0, 1] * 50
    first, again, other = (assign_splits(labels, [None] * 100, (0.8, 0.2), seed) for seed in (1, 1, 2))
    assert first == again != other


def test_shares_as_people_write_them():
    assert parse_shares("80/10/10") == pytest.approx((0.8, 0.1, 0.1))
    assert parse_shares(" 90/10") == pytest.approx((0.9, 0.1))


@pytest.mark.parametrize("text", ["", "80", "80/10", "100/0", "50/25/15/10", "a/b", "120/-20", "nan/50", "80-20"])
def test_other_shares_are_refused(text):
    with pytest.raises(DatasetError, match="80/10/10"):
        parse_shares(text)


def test_a_part_of_training_becomes_public_test_even_if_there_are_few_images():
    splits = ["training"] * 12 + ["private-test"] * 3
    got = complete_splits([0, 1, 2] * 5, splits, [None] * 15, (0.8, 0.1, 0.1), 0)
    assert Counter(got) == {"training": 9, "public-test": 3, "private-test": 3}


def test_who_has_a_split_keeps_it():
    persons = ["a", "a", "b", "b", None, None]
    got = complete_splits(
        [0] * 6, ["private-test", None, None, None, "public-test", "training"], persons, (0.8, 0.2), 0
    )
    assert got[:2] == ["private-test"] * 2
    assert got[2] == got[3]
