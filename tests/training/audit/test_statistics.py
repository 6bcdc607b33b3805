import numpy as np
import pytest

from training.audit.statistics import by_class, look
from training.datasets.index import greys


def test_looks_are_those_of_the_pictures(flawed):
    whole, told = np.concatenate(list(greys(flawed.path))), []
    looks = look(flawed, lambda done, total: told.append((done, total)))
    np.testing.assert_allclose(looks.brightness, whole.mean(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(looks.contrast, whole.std(axis=(1, 2)), rtol=1e-4, atol=1e-4)
    assert looks.brightness[10] == 7
    assert looks.contrast[10] == 0
    assert told[0] == (0, 12)
    assert told[-1] == (12, 12)


def test_the_mean_face_of_a_class_is_its_mean(flawed):
    whole, looks = np.concatenate(list(greys(flawed.path))).astype(float), look(flawed)
    np.testing.assert_allclose(looks.mean_face(flawed, "sad"), whole[[2, 9]].mean(axis=0), atol=0.51)
    np.testing.assert_allclose(looks.mean_face(flawed, "sad", "training"), whole[2], atol=0.51)
    assert looks.mean_face(flawed, "sad", "public-test") is None
    assert looks.mean_face(flawed, "disgust") is None
    # A face that was not found stands in the file as a black picture.
    np.testing.assert_array_equal(looks.mean_face(flawed, "neutral"), whole[10])


def test_pictures_are_looked_at_once(flawed, cache, monkeypatch):
    first = look(flawed)
    monkeypatch.setattr("training.audit.statistics.greys", lambda path: pytest.fail("looked again"))
    again = look(flawed)
    for name, values in vars(first).items():
        np.testing.assert_array_equal(getattr(again, name), values)
    (kept,) = cache.iterdir()
    assert flawed.hash[:16] in kept.name


def test_brightness_by_class(flawed):
    table = by_class(flawed, look(flawed).brightness)
    assert table.loc["neutral"].tolist() == [7.0] * 5
    assert "disgust" not in table.index
    assert (table.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
