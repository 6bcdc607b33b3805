import shutil

import numpy as np
import pyarrow as pa
import pytest

from core.features.mesh import LANDMARKS
from training.audit.projection import draw_map
from training.audit.statistics import coverage, mesh_files
from training.features.cached import features_folder
from training.features.table import feature_column, schema_of, write_table


@pytest.fixture
def with_mesh(flawed):
    """The dataset with a kept table of Training's mesh, in which row 2 has none."""
    numbers = np.flatnonzero(flawed.splits == "training")
    rng = np.random.default_rng(0)
    values = [None if row == 2 else rng.random(LANDMARKS.shape).astype(LANDMARKS.dtype) for row in numbers]
    schema = schema_of(LANDMARKS, "key")
    columns = {
        "image": numbers,
        "hash": flawed.hashes[numbers],
        "expression": [""] * len(numbers),
        "split": ["training"] * len(numbers),
        "found": [value is not None for value in values],
        "feature": feature_column(values, schema),
    }
    path = features_folder(flawed.path) / "landmarks-training-key.parquet"
    path.parent.mkdir()
    write_table(pa.table(columns, schema=schema), path)
    return flawed


def test_coverage_by_class(with_mesh):
    table = coverage(with_mesh)
    assert table[["label", "images", "found"]].to_numpy().tolist() == [
        ["angry", 1, 1],
        ["happy", 2, 2],
        ["sad", 1, 0],
        ["neutral", 2, 2],
    ]
    assert set(table["split"]) == {"training"}


def test_a_table_of_other_images_is_left_alone(with_mesh, flawed):
    (path,) = mesh_files(with_mesh)
    hashes = flawed.hashes.copy()
    hashes[0] = "other"
    assert mesh_files(type(flawed)(**vars(flawed) | {"hashes": hashes})) == []
    shutil.rmtree(path.parent)
    assert coverage(with_mesh).empty


def test_a_map_of_movements_leaves_out_what_has_no_mesh(with_mesh, monkeypatch):
    monkeypatch.setattr("training.audit.projection._LEAST", 3)
    drawn = draw_map(with_mesh, "movements", "pca")
    assert drawn.rows.tolist() == [0, 1, 3, 10, 11]
    assert drawn.points.shape == (5, 2)
