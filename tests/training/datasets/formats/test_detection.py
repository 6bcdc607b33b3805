"""Sets for detectors: boxes become crops."""

import json

import numpy as np
import pytest

from training.datasets.cropper import Cropper
from training.datasets.sources import read_source
from training.errors import DatasetError


def yolo(root, names, **texts):
    (root / "data.yaml").write_text(f"train: ../train/images\nnc: 3\nnames: {names}\n")
    for name, text in texts.items():
        path = root / "train" / "labels" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def photos(make_pictures):
    return make_pictures("train/images/a.png", "train/images/b.png", "train/images/c.png", side=100)


@pytest.mark.parametrize("names", ["[Sad, Happy, Ahegao]", "{0: Sad, 1: Happy, 2: Ahegao}"])
def test_boxes_of_yolo(photos, names):
    yolo(
        photos, names, a="0 0.5 0.5 0.4 0.2\n1 0.1 0.1 0.2 0.2\n", b="1 0.2 0.2 0.8 0.2 0.8 0.6\n2 0.5 0.5 1 1\n", c=""
    )
    with read_source(photos) as source:
        samples = list(source.samples)
    assert [sample.label for sample in samples] == [4, 3, 3]
    np.testing.assert_allclose([sample.box for sample in samples], [(30, 40, 40, 20), (0, 0, 20, 20), (20, 20, 60, 40)])
    assert "1 of Ahegao" in " ".join(source.understood)
    assert [name for name, _ in source.unreadable] == ["train/images/c.png"]
    assert all(Cropper("none")(sample).image.shape == (48, 48, 3) for sample in samples)


def test_yolo_without_names_says_what_to_do(photos, read):
    yolo(photos, "7", a="0 0.5 0.5 0.4 0.2", b="1 0.1 0.1 0.2 0.2\n")
    with pytest.raises(DatasetError, match="--classes"):
        read(photos)
    assert sorted(read(photos, classes="0=angry,1=fear").labels.values()) == ["angry", "fear"]


def test_text_beside_pictures_is_not_always_yolos(make_pictures, read):
    root = make_pictures("happy/1.png", "sad/2.png")
    (root / "happy" / "1.txt").write_text("a woman, smiling\n")
    got = read(root)
    assert len(got.samples) == 2
    assert "1.txt" in got.said


@pytest.mark.parametrize("place", ["train/_annotations.coco.json", "annotations/instances_train2017.json"])
def test_boxes_of_coco(photos, read, place):
    content = {
        "images": [
            {"id": 1, "file_name": "a.png"},
            {"id": 2, "file_name": "images/b.png"},
            {"id": 3, "file_name": "x.png"},
        ],
        "annotations": [
            {"image_id": 1, "category_id": 8, "bbox": [10, 20, 30, 40]},
            {"image_id": 1, "category_id": 9, "bbox": [60.5, 60, 30, 30]},
            {"image_id": 2, "category_id": 9, "bbox": [-5, -5, 300, 300]},
            {"image_id": 3, "category_id": 9, "bbox": [0, 0, 9, 9]},
            {"image_id": 1, "category_id": 9, "bbox": [200, 200, 9, 9]},
            {"image_id": 1, "category_id": 9, "bbox": None},
        ],
        "categories": [{"id": 0, "name": "faces"}, {"id": 8, "name": "Anger"}, {"id": 9, "name": "Fröhlich"}],
    }
    path = photos / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1))
    with read_source(photos) as source:
        samples = list(source.samples)
    assert [(sample.name, sample.label) for sample in samples] == [
        ("train/images/a.png", 0), ("train/images/a.png", 3), ("train/images/b.png", 3)
    ]  # fmt: skip
    assert samples[2].box == (0, 0, 100, 100)
    assert {sample.split for sample in samples} <= {"training", "public-test"}
    assert len(source.unreadable) == 3


def test_coco_without_its_pictures_is_refused(tmp_path, read):
    content = {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "sad"}]}
    content["annotations"] = [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}]
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(DatasetError, match=r"a\.json: none of the faces"):
        read(tmp_path)
