from dataclasses import replace

import numpy as np
import pytest

from core.features import FEATURES
from core.labels import FER7
from core.recipes import get_recipe
from training.datasets import Dataset, dataset_hash, write_dataset
from training.datasets.sample import Sample
from training.errors import DatasetError
from training.fit.material import load_material

RECIPE = get_recipe("quick")
PIXELS = FEATURES["pixels"]


def picture(number):
    return np.random.default_rng(number).integers(0, 256, (48, 48), np.uint8)


def write(path, *rows):
    """A dataset of (picture's number, split) or (number, split, found); labels go round."""
    samples = [
        Sample(picture(number), place % len(FER7), split, found=not rest or rest[0])
        for place, (number, split, *rest) in enumerate(rows)
    ]
    write_dataset(samples, path)
    return path


def numbered(split, numbers):
    return [(number, split) for number in numbers]


def test_what_chooses_has_no_copies_of_the_other_splits(tmp_path):
    rows = numbered("training", range(20)) + numbered("public-test", range(15, 35)) + numbered("private-test", [34, 50])
    material = load_material(PIXELS, write(tmp_path / "d.parquet", *rows))
    assert len(material.training) == 20
    assert len(material.choice) == 14  # 15 to 19 stand in Training, 34 in PrivateTest
    facts = material.facts(RECIPE)
    assert facts["hash"] == dataset_hash(tmp_path / "d.parquet")
    assert (facts["training_images"], facts["choice_images"]) == (20, 14)
    assert facts["priors"]["fer7"] == [0.15] * 6 + [0.1]
    assert not material.has_votes


def test_private_images_are_never_decoded(tmp_path, monkeypatch):
    rows = numbered("training", range(8)) + numbered("public-test", range(10, 20)) + numbered("private-test", [50])
    asked = []
    load = Dataset.load.__func__
    monkeypatch.setattr(Dataset, "load", classmethod(lambda cls, *args: asked.append(args[1]) or load(cls, *args)))
    load_material(PIXELS, write(tmp_path / "d.parquet", *rows))
    assert asked == [("training",), ("public-test",)]


def test_a_face_that_was_not_found_is_left_out(tmp_path):
    rows = numbered("training", range(8)) + numbered("public-test", range(10, 18))
    rows += [(30, "training", False), (31, "public-test", False)]
    material = load_material(PIXELS, write(tmp_path / "d.parquet", *rows))
    assert (len(material.training), len(material.choice)) == (8, 8)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (numbered("training", range(9)), "no images in PublicTest.*--split"),
        (numbered("training", range(9)) + numbered("public-test", range(9)), "0 images of PublicTest are left"),
        (numbered("public-test", range(9)), "no images in the split training"),
        ([(1, "training", False), *numbered("public-test", range(9))], "nothing to learn from"),
    ],
)
def test_a_dataset_that_cannot_be_trained_on_is_named(tmp_path, rows, words):
    with pytest.raises(DatasetError, match=words):
        load_material(PIXELS, write(tmp_path / "d.parquet", *rows))


def test_votes_are_noticed(cartoons):
    material = load_material(PIXELS, cartoons)
    assert material.has_votes
    assert sum(material.facts(RECIPE)["priors"]["fer7"]) == pytest.approx(1, abs=1e-3)


def test_a_run_remembers_which_model_files_its_feature_runs(tmp_path):
    path = write(tmp_path / "d.parquet", *numbered("training", range(20)), *numbered("public-test", range(30, 40)))
    material = load_material(PIXELS, path)
    assert material.feature == PIXELS.identity()
    assert set(material.identity()) == {"name", "hash"}
    files = {"embedder/embedder.tflite": "0" * 64}
    told = replace(material, feature=PIXELS.identity() | {"model_files": files}).identity()
    assert told == material.identity() | {"model_files": files}
