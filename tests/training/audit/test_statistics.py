import json
import shutil

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from core.features.mesh import LANDMARKS
from training.audit.statistics import (
    blank,
    by_class,
    class_counts,
    coverage,
    kept_tables,
    perceptual_hashes,
    statistics_of,
)
from training.datasets.index import Rows, greys


def test_counts_are_those_of_the_file(cartoons):
    counted = json.loads(pq.read_metadata(cartoons).metadata[b"counts"])["cartoon"]
    table = class_counts(Rows.load(cartoons))
    assert table.sum(axis=None) == 140
    assert {split: dict(table.loc[split]) for split in table.index} == counted


def test_a_split_or_class_without_images_counts_nothing(flawed):
    table = class_counts(flawed)
    assert table.loc["public-test"].to_dict() == {"happy": 1, "fear": 2} | dict.fromkeys(
        ("angry", "disgust", "sad", "surprise", "neutral"), 0
    )


def test_blank_images_are_found_and_faces_that_were_not_are_none(flawed):
    assert blank(flawed).tolist() == [10]


def test_statistics_are_those_of_the_pictures(flawed):
    whole, told = np.concatenate(list(greys(flawed.path))), []
    found = statistics_of(flawed, lambda done, total: told.append((done, total)))
    np.testing.assert_allclose(found.brightness, whole.mean(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found.contrast, whole.std(axis=(1, 2)), rtol=1e-4, atol=1e-4)
    assert found.brightness[10] == 7
    assert found.contrast[10] == 0
    assert told[0] == (0, 12)
    assert told[-1] == (12, 12)


def test_the_mean_face_of_a_class_is_its_mean(flawed):
    whole, found = np.concatenate(list(greys(flawed.path))).astype(float), statistics_of(flawed)
    np.testing.assert_allclose(found.mean_face(flawed, "sad"), whole[[2, 9]].mean(axis=0), atol=0.51)
    np.testing.assert_allclose(found.mean_face(flawed, "sad", "training"), whole[2], atol=0.51)
    assert found.mean_face(flawed, "sad", "public-test") is None
    assert found.mean_face(flawed, "disgust") is None
    # A face that was not found is a black picture in the file.
    np.testing.assert_array_equal(found.mean_face(flawed, "neutral"), whole[10])


def test_pictures_are_measured_once(flawed, cache, monkeypatch):
    first = statistics_of(flawed)
    monkeypatch.setattr("training.audit.statistics.greys", lambda path: pytest.fail("measured again"))
    again = statistics_of(flawed)
    for name, values in vars(first).items():
        np.testing.assert_array_equal(getattr(again, name), values)
    (kept,) = cache.iterdir()
    assert flawed.hash[:16] in kept.name


def test_brightness_by_class(flawed):
    table = by_class(flawed, statistics_of(flawed).brightness)
    assert table.loc["neutral"].tolist() == [7.0] * 5
    assert "disgust" not in table.index
    assert (table.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_a_changed_copy_is_near_and_another_photo_is_not(face_photos):
    first, other = face_photos
    lit = cv2.convertScaleAbs(first, alpha=0.9, beta=12)
    small = cv2.resize(cv2.resize(first, (36, 36), interpolation=cv2.INTER_AREA), (48, 48))
    codes = perceptual_hashes(np.stack([first, lit, small, other]))
    distances = np.bitwise_count(codes ^ codes[0])
    assert (distances[:3] <= 4).all()
    assert distances[3] > 12


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
    (path,) = kept_tables(with_mesh, LANDMARKS)
    hashes = flawed.hashes.copy()
    hashes[0] = "other"
    assert kept_tables(type(flawed)(**vars(flawed) | {"hashes": hashes}), LANDMARKS) == []
    shutil.rmtree(path.parent)
    assert coverage(with_mesh).empty
