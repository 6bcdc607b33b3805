import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.cards import Output
from core.features import FEATURES, Feature
from core.features.feature import combined
from core.labels import FER7
from training.datasets import Dataset
from training.errors import TrainingError
from training.evaluation import robustness as module
from training.evaluation.corruptions import CORRUPTIONS, STRENGTHS
from training.evaluation.robustness import Robustness, robustness, stored

ROOT = Path(__file__).resolve().parents[3]


class Oracle:
    """Sees the bright bar that the made-up faces have at their class's height, as long as it stays there."""

    feature = FEATURES["pixels"]
    card = SimpleNamespace(
        name="oracle",
        outputs={"fer7": Output(FER7.labels, "made up")},
        files={"model.tflite": {"sha256": "abc"}},
        feature={"name": "pixels", "version": 1},
    )

    def __init__(self, folder=None, threads=1):
        pass

    def predict(self, features):
        bars = [features[:, 4 + 6 * label : 8 + 6 * label, 8:40, 0].mean(axis=(1, 2)) for label in range(7)]
        logits = np.stack(bars, axis=1) / 20
        return {"fer7": logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))}


@pytest.fixture(scope="module")
def found(dataset):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "Artifact", Oracle)
        return robustness("models/oracle", dataset, images=30)


def test_what_moves_or_hides_the_bar_costs_accuracy_and_what_does_not_does_not(found):
    assert found.clean == 1
    assert (found.n, found.split, found.model, found.sees) == (30, "public-test", "oracle", "pixels")
    assert set(found.accuracy) == set(CORRUPTIONS)
    assert found.accuracy["contrast"][0] == found.accuracy["gaussian_blur"][0] == 1
    assert found.accuracy["shift"][4] < 0.8
    assert found.accuracy["mask"][4] < found.accuracy["mask"][0]
    assert all(share == 1 for shares in found.coverage.values() for share in shares)


def test_it_is_the_same_every_time_and_comes_back_from_disk(found, dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "Artifact", Oracle)
    assert robustness("models/oracle", dataset, images=30) == found
    path = found.save(tmp_path / "docs")
    assert path.name == "oracle.json"
    assert Robustness.load(path) == found


@pytest.mark.parametrize(
    "change", [{"sees": "the nose"}, {"clean": float("nan")}, {"accuracy": {"mask": 0.5}}, {"n": None}, {"seed": [0]}]
)
def test_a_damaged_file_is_refused(found, tmp_path, change):
    path = found.save(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(TrainingError, match=r"oracle\.json"):
        stored(tmp_path)


def test_the_stored_files_are_written_as_they_are_read(tmp_path):
    for path in (ROOT / module.FOLDER).glob("*.json"):
        assert Robustness.load(path).save(tmp_path).read_bytes() == path.read_bytes()


def test_the_table_has_a_row_for_each_corruption(found):
    lines = found.table().splitlines()
    assert len(lines) == len(CORRUPTIONS) + 2
    assert f"{found.mean:.1%}" in lines[-1]


def test_images_that_stand_in_training_are_left_out(dataset, monkeypatch):
    monkeypatch.setattr(module, "Artifact", Oracle)
    monkeypatch.setattr(Dataset, "hashes_in", lambda rows, path, *splits: np.arange(len(rows)) < 10)
    assert robustness("m", dataset).n == 25


def test_private_test_needs_its_line_in_the_ledger(dataset, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "Artifact", Oracle)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrainingError, match="--final"):
        robustness("m", dataset, "private-test")


PIXELS = FEATURES["pixels"]
MESH = Feature("a mesh", 1, PIXELS.compute, (48, 48, 1), "uint8", needs="mesh")
HALF_SEEN = combined("half", 1, [MESH], lambda value: value if value[0, 0] < 60 else None, (48, 48, 1), "uint8")
BOTH = combined("both", 1, [PIXELS, MESH], lambda pixels, mesh: pixels, (48, 48, 1), "uint8")


@pytest.mark.parametrize(("feature", "sees"), [(MESH, "mesh"), (HALF_SEEN, "mesh"), (BOTH, "both")])
def test_what_a_model_sees_is_what_its_feature_is_made_of(dataset, tmp_path, monkeypatch, feature, sees):
    copy = tmp_path / "copy.parquet"
    shutil.copy(dataset, copy)
    monkeypatch.setattr(Oracle, "feature", feature)
    monkeypatch.setattr(module, "Artifact", Oracle)
    monkeypatch.setattr(module, "CORRUPTIONS", {"contrast": None})
    assert robustness("m", copy, images=30).sees == sees


def test_the_second_model_of_a_slow_feature_computes_no_face_again(dataset, tmp_path, monkeypatch):
    copy = tmp_path / "copy.parquet"
    shutil.copy(dataset, copy)
    faces = []
    slow = replace(MESH, compute=lambda crop: faces.append(1) or PIXELS.compute(crop))
    monkeypatch.setattr(module, "Artifact", Oracle)
    monkeypatch.setattr(module, "CORRUPTIONS", {name: CORRUPTIONS[name] for name in ("contrast", "shift")})
    monkeypatch.setattr(Oracle, "feature", slow)
    first = robustness("m", copy, images=30)
    assert len(faces) == 30 * (1 + 2 * STRENGTHS)
    monkeypatch.setattr(Oracle, "feature", combined("same", 1, [slow], lambda value: value, (48, 48, 1), "uint8"))
    assert robustness("m", copy, images=30) == first
    assert len(faces) == 30 * (1 + 2 * STRENGTHS)
    robustness("m", copy, images=30, seed=1)
    assert len(faces) > 30 * (1 + 2 * STRENGTHS)


def test_a_folder_of_them_is_read_pixels_first_and_only_of_the_same_pictures(found, tmp_path):
    for name, sees in (("a", "both"), ("b", "mesh"), ("d", "pixels"), ("c", "pixels")):
        replace(found, model=name, sees=sees).save(tmp_path)
    assert [one.model for one in stored(tmp_path)] == ["c", "d", "b", "a"]
    replace(found, model="e", seed=7).save(tmp_path)
    with pytest.raises(TrainingError, match="'e' and 'a' were not measured on the same pictures"):
        stored(tmp_path)
