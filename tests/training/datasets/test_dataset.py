import numpy as np

from training.datasets import Dataset, Sample, write_dataset


def sample(value=0, **fields):
    return Sample(**{"image": np.full((48, 48), value, np.uint8), "label": 3, "split": "training"} | fields)


def test_what_was_written_comes_back(tmp_path, fer2013_rows, dataset):
    rows = Dataset.load(dataset)
    assert len(rows) == len(fer2013_rows)
    np.testing.assert_array_equal(rows.labels, [label for label, _, _ in fer2013_rows])
    np.testing.assert_array_equal(rows.images[:, :, :, 1], [image for _, image, _ in fer2013_rows])
    assert not rows.votes.any()


def test_colour_and_votes_are_kept(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    votes = (0, 1, 2, 3, 4, 0, 0, 0, 0, 0)
    write_dataset([sample(image=image, votes=votes)], tmp_path / "d.parquet")
    rows = Dataset.load(tmp_path / "d.parquet")
    np.testing.assert_array_equal(rows.images[0], image)
    assert tuple(rows.votes[0]) == votes


def test_only_the_asked_for_splits_are_read(dataset):
    rows = Dataset.load(dataset, ("public-test",))
    assert set(rows.splits) == {"public-test"}
    assert len(rows) == 35


def test_copies_across_splits_are_known_by_their_pixels(tmp_path):
    path = tmp_path / "d.parquet"
    write_dataset([sample(1), sample(2, split="public-test"), sample(1, split="public-test", label=5)], path)
    public = Dataset.load(path, ("public-test",))
    assert {split: list(there) for split, there in public.copies(path).items()} == {
        "training": [False, True],
        "private-test": [False, False],
    }
    np.testing.assert_array_equal(public.is_copy(path), [False, True])
