from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from training.audit import projection
from training.datasets.index import Rows
from training.errors import DatasetError


@pytest.mark.parametrize("method", projection.METHODS)
def test_what_looks_alike_lies_close_together(dataset, method):
    """The made-up classes differ by where their bar is."""
    rows = Rows.load(dataset)
    with threadpool_limits(1):  # on busy cores the threads of t-SNE wait for one another for minutes
        drawn = projection.draw_map(rows, "pixels", method)
    assert drawn.points.shape == (210, 2)
    labels = rows.labels[drawn.rows]
    means = np.array([drawn.points[labels == label].mean(axis=0) for label in range(7)])
    within = np.mean(
        [np.linalg.norm(drawn.points[labels == label] - means[label], axis=1).mean() for label in range(7)]
    )
    assert within < 0.5 * np.linalg.norm(means - means.mean(axis=0), axis=1).mean()


def test_a_map_is_drawn_once_and_of_a_sample(dataset, monkeypatch):
    monkeypatch.setattr(projection, "SIZE", 50)
    rows = Rows.load(dataset)
    first = projection.draw_map(rows, "pixels", "pca")
    assert len(set(first.rows)) == 50
    monkeypatch.setattr(projection, "_drawn", lambda *_: pytest.fail("drawn again"))
    np.testing.assert_array_equal(projection.draw_map(rows, "pixels", "pca").points, first.points)


def test_few_images_are_no_map(flawed, monkeypatch):
    monkeypatch.setattr(projection, "_LEAST", 20)
    with pytest.raises(DatasetError, match="11 images are too few"):
        projection.draw_map(flawed, "pixels", "pca")


def test_without_a_mesh_there_is_no_map_of_movements(flawed):
    assert not projection.has_movements(flawed)
    with pytest.raises(DatasetError, match="were not computed"):
        projection.draw_map(flawed, "movements", "pca")


def test_a_map_of_movements_leaves_out_what_has_no_mesh(with_mesh, monkeypatch):
    monkeypatch.setattr("training.audit.projection._LEAST", 3)
    drawn = projection.draw_map(with_mesh, "movements", "pca")
    assert drawn.rows.tolist() == [0, 1, 3, 10, 11]
    assert drawn.points.shape == (5, 2)


@pytest.fixture
def embedder(monkeypatch):
    """Stand for the embedder: an image's vector is its mean grey level in different powers."""
    asked = []

    def compute(crop):
        asked.append(crop)
        return np.linspace(0, 1, 4) ** (crop.mean() / 64)

    feature = replace(projection.EMBEDDING, compute=compute, shape=(4,), model_files=())
    monkeypatch.setattr(projection, "EMBEDDING", feature)
    return asked


def test_embeddings_are_computed_once_with_progress_for_all_methods(dataset, embedder, monkeypatch):
    monkeypatch.setattr(projection, "SIZE", 70)
    rows, told = Rows.load(dataset), []
    assert not projection.is_computed(rows, "embedding")
    drawn = projection.draw_map(rows, "embedding", "pca", lambda *far: told.append(far))
    assert len(embedder) == len(drawn.rows) == 70
    assert told[0] == (0, 70)
    assert told[-1] == (70, 70)
    assert told == sorted(told)
    assert projection.is_computed(rows, "embedding")
    with threadpool_limits(1):
        projection.draw_map(rows, "embedding", "t-sne", lambda *far: pytest.fail("computed again"))
    assert len(embedder) == 70


def test_another_embedder_draws_another_map(dataset, embedder, monkeypatch):
    rows = Rows.load(dataset)
    projection.draw_map(rows, "embedding", "pca")
    monkeypatch.setattr(projection, "EMBEDDING", replace(projection.EMBEDDING, version=99))
    assert not projection.is_computed(rows, "embedding")


def test_the_others_need_no_long_work(flawed):
    assert projection.is_computed(flawed, "pixels")
    assert projection.is_computed(flawed, "movements")
