"""A small dataset with every flaw that an audit looks for, and a place of its own for what audits keep."""

import cv2
import numpy as np
import pyarrow as pa
import pytest

from core.features.mesh import BLENDSHAPES, LANDMARKS
from core.labels import FERPLUS8
from training.datasets import Sample, write_dataset
from training.datasets import index as rows_module
from training.datasets.index import Rows
from training.datasets.sample import VOTE_COLUMNS
from training.features.cached import features_folder
from training.features.table import feature_column, schema_of, write_table


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


def votes(**counts):
    return tuple(counts.get(name, 0) for name in VOTE_COLUMNS)


def photo(seed):
    """A grey picture of large soft shapes, as faces are."""
    small = np.random.default_rng(seed).integers(20, 235, (6, 6), np.uint8)
    return cv2.resize(small, (48, 48), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def flawed(tmp_path):
    """Twelve rows.

    0, 1 and 2 are of Training; 3 copies 1 under another label; 4 is PublicTest's copy of 0, 5 its copy of itself, 6 the
    other one; 7 and 8 are PrivateTest's copies of 0 and 5; 9 looks like 2; 10 is blank; 11 shows no face.
    """
    brighter = np.clip(photo(2).astype(int) + 6, 0, 255).astype(np.uint8)
    many = votes(happy=10)
    drawn = [
        (photo(0), "happy", "training", many),
        (photo(1), "happy", "training", votes(happy=5, sad=5)),
        (photo(2), "sad", "training", votes(happy=9, sad=1)),
        (photo(1), "angry", "training", votes(angry=6, sad=4)),
        (photo(0), "happy", "public-test", many),
        (photo(5), "fear", "public-test", votes(fear=4, surprise=3, sad=3)),
        (photo(5), "fear", "public-test", votes(fear=8, surprise=2)),
        (photo(0), "happy", "private-test", many),
        (photo(5), "fear", "private-test", votes(surprise=10)),
        (brighter, "sad", "private-test", votes(sad=10)),
        (np.full((48, 48), 7, np.uint8), "neutral", "training", votes(**{"not-a-face": 10})),
        (photo(11), "neutral", "training", None),
    ]
    path = tmp_path / "flawed.parquet"
    samples = [
        Sample(image, FERPLUS8.index(label), split, given, source="made", found=number != 11)
        for number, (image, label, split, given) in enumerate(drawn)
    ]
    write_dataset(samples, path)
    return Rows.load(path)


@pytest.fixture
def face_photos():
    """Two different photos in grey, 48x48."""
    from skimage.data import astronaut, cat

    return [cv2.resize(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY), (48, 48)) for each in (astronaut(), cat())]


@pytest.fixture
def with_mesh(flawed):
    """The dataset with kept tables of Training's mesh and movements, in which row 2 has none."""
    numbers = np.flatnonzero(flawed.splits == "training")
    rng = np.random.default_rng(0)
    features_folder(flawed.path).mkdir()
    for feature in (LANDMARKS, BLENDSHAPES):
        values = [None if row == 2 else rng.random(feature.shape).astype(feature.dtype) for row in numbers]
        schema = schema_of(feature, "key")
        columns = {
            "image": numbers,
            "hash": flawed.hashes[numbers],
            "expression": [""] * len(numbers),
            "split": ["training"] * len(numbers),
            "found": [value is not None for value in values],
            "feature": feature_column(values, schema),
        }
        path = features_folder(flawed.path) / f"{feature.name}-training-key.parquet"
        write_table(pa.table(columns, schema=schema), path)
    return flawed
