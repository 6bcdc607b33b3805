from training.audit.duplicates import copies, exact, leaked, near
from training.audit.statistics import statistics_of


def test_copies_by_split(flawed):
    assert copies(flawed).to_numpy().tolist() == [[2, 1, 1], [1, 2, 3], [1, 2, 0]]


def test_leaks_are_the_later_ones_only(flawed):
    assert leaked(flawed).tolist() == [4, 7, 8]


def test_exact_copies_across_splits_come_first(flawed):
    found = exact(flawed)
    assert found["rows"].tolist()[-1] == [1, 3]
    assert sorted(found["rows"].tolist()) == [[0, 4, 7], [1, 3], [5, 6, 8]]
    assert found["across"].tolist() == [True, True, False]
    assert found["differ"].tolist() == [False, False, True]


def test_pictures_that_look_the_same(flawed):
    found = near(flawed, statistics_of(flawed))
    assert found["rows"].tolist() == [[2, 9]]
    assert found["across"].tolist() == [True]


def test_a_dataset_without_copies(flawed):
    few = type(flawed)(
        **{name: value[:3] if hasattr(value, "shape") else value for name, value in vars(flawed).items()}
    )
    assert exact(few).empty
    assert copies(few).to_numpy().tolist() == [[0]]
    assert not len(leaked(few))
