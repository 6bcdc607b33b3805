import numpy as np
from sklearn.linear_model import LogisticRegression

from core.labels import FER7
from training.datasets import Dataset, dataset_hash
from training.datasets.cartoon import write_sample


def test_a_sample_is_a_dataset_with_every_class_in_every_split(cartoons):
    rows = Dataset.load(cartoons)
    assert rows.images.shape == (140, 48, 48, 3)
    for name in ("training", "public-test", "private-test"):
        assert set(rows.split(name).labels) == set(range(len(FER7)))
    assert (rows.votes.sum(axis=1) == 10).all()
    assert set(rows.sources) == {"cartoon"}


def test_nobody_is_in_two_splits(cartoons):
    rows = Dataset.load(cartoons)
    assert len(set(zip(rows.persons, rows.splits, strict=True))) == len(set(rows.persons)) == 20


def test_pictures_are_in_colour_and_no_two_are_alike(cartoons):
    rows = Dataset.load(cartoons)
    assert len(set(rows.hashes)) == 140
    assert np.ptp(rows.images.astype(int), axis=3).mean() > 10


def test_the_seed_decides(tmp_path):
    hashes = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert write_sample(tmp_path / name, 10, seed) == 10
        hashes.append(dataset_hash(tmp_path / name))
    assert hashes[0] == hashes[1] != hashes[2]


def test_it_can_be_learnt_and_is_not_trivial(cartoons):
    """A linear model on raw pixels does far better than chance (14%), and far from perfectly."""
    rows = Dataset.load(cartoons)
    pixels = rows.images.mean(axis=3)[:, 6:46:2, 6:42:2].reshape(len(rows), -1) / 255
    training = rows.splits == "training"
    model = LogisticRegression(C=0.05, max_iter=100).fit(pixels[training], rows.labels[training])
    assert 0.4 < model.score(pixels[~training], rows.labels[~training]) < 0.97
