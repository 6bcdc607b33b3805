"""Tables with a column of pictures and one of labels."""

import json

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.labels import FER7
from training.errors import DatasetError

PNG = cv2.imencode(".png", np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8))[1].tobytes()


def pictures(make_pictures, count=14):
    return make_pictures(*(f"faces/{i}.png" for i in range(count)))


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "no header"])
@pytest.mark.parametrize("alone", [False, True])
def test_paths_and_labels(read, make_pictures, form, alone):
    root = pictures(make_pictures)
    rows = [(f"faces/{i}.png", FER7.labels[i % 7]) for i in range(14)]
    separator = "\t" if form == "tsv" else ","
    lines = [separator.join(row) for row in ([] if form == "no header" else [("Image", "Emotion")]) + rows]
    if form == "jsonl":
        lines = [json.dumps({"file_name": name, "label": label}) for name, label in rows]
    table = root / "table.txt"
    table.write_text("\n".join(lines))
    assert read(table if alone else root).labels == dict(rows)


def test_columns_that_a_user_names(read, make_pictures):
    root = pictures(make_pictures)
    lines = ["where,what,label", *(f"{i},{i % 2},x" for i in range(14))]
    (root / "t.csv").write_text("\n".join(lines))
    got = read(root, image="Where", label="what", classes="happy,sad")
    assert got.labels == {f"faces/{i}.png": ("happy", "sad")[i % 2] for i in range(14)}
    with pytest.raises(DatasetError, match=r"no column 'who'.*where, what, label"):
        read(root, image="who", label="what")
    with pytest.raises(DatasetError, match="--image COLUMN --label COLUMN"):
        read(root / "t.csv")
    (root / "t.csv").unlink()
    with pytest.raises(DatasetError, match="no table in it"):
        read(root, image="who", label="what")


def test_a_column_for_each_class(read, make_pictures):
    root = make_pictures(*(f"{split}/{i}.png" for split in ("train", "test") for i in range(4)))
    for split in ("train", "test"):
        (root / split / "_classes.csv").write_text(
            "filename, Anger, feliz\n0.png, 1, 0\n1.png, 0, 1\n2.png, 0.2, 0.7\n3.png, 0, 0\n"
        )
    got = read(root)
    assert [got.labels[f"train/{i}.png"] for i in range(3)] == ["angry", "happy", "happy"]
    assert got.splits["test/1.png"] == "private-test"
    assert [name for name, _ in got.unreadable] == ["test/3.png", "train/3.png"]


def test_split_person_and_box_of_a_row(read, make_pictures):
    root = make_pictures("a.png", "b.png", side=200)
    (root / "t.csv").write_text(
        "path,class,xmin,ymin,xmax,ymax,set,subject\na.png,sad,10,20,60,60,train,eve\nb.png,joy,0,0,20,20,val,7\n"
    )
    got = read(root)
    assert got.splits == {"a.png": "training", "b.png": "public-test"}
    assert got.persons["b.png"] == "pictures/7"
    assert got.samples["a.png"].box == (10, 20, 50, 40)


def test_pictures_that_a_table_names_but_that_are_not_there(read, make_pictures):
    root = pictures(make_pictures)
    rows = [f"faces/{i}.png,happy" for i in range(10, 16)]
    (root / "t.csv").write_text("\n".join(["path,label", *rows, "faces/1.png,"]))
    got = read(root)
    assert len(got.samples) == 4
    assert {name for name, _ in got.unreadable} == {"faces/14.png", "faces/15.png", "faces/1.png"}
    assert "3 pictures are left out, such as faces/14.png" in got.said
    assert len(got.passed_over) == 9
    (root / "t.csv").write_text("path,label\nelsewhere/x.png,happy\n")
    with pytest.raises(DatasetError, match=r"none of its pictures is there, such as 'elsewhere/x\.png'"):
        read(root)


def test_two_tables_of_the_same_pictures_are_refused(read, make_pictures):
    root = pictures(make_pictures)
    for name in ("a.csv", "b.csv"):
        (root / name).write_text("path,label\nfaces/1.png,happy\nfaces/2.png,sad\n")
    with pytest.raises(DatasetError, match="another table labels too"):
        read(root)


def parquet(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ["angry", "sad"]
    about = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}, "image": {"_type": "Image"}}}}
    pq.write_table(pa.table(columns).replace_schema_metadata({"huggingface": json.dumps(about)}), path)


def test_hugging_faces_parquet_in_parts_by_split(read, tmp_path):
    for split, count in (("train", 6), ("test", 2)):
        images = [{"bytes": PNG, "path": None}] * count
        parquet(tmp_path / f"data/{split}-00000-of-00001.parquet", image=images, label=[i % 2 for i in range(count)])
    got = read(tmp_path)
    assert sorted(set(got.labels.values())) == ["angry", "sad"]
    assert sorted(got.splits.values()).count("private-test") == 2
    assert next(iter(got.samples.values())).image.shape == (48, 48, 3)


def test_bytes_names_and_paths_in_parquet(read, make_pictures):
    root = make_pictures("x/1.png")
    pq.write_table(pa.table({"img": [PNG, None, PNG], "emotion": ["happy", "sad", "?"]}), root / "a.parquet")
    got = read(root / "a.parquet", classes="?=surprise")
    assert list(got.labels.values()) == ["happy", "surprise"]
    assert [name for name, _ in got.unreadable] == ["a.parquet, row 2"]
    pq.write_table(pa.table({"image": [{"bytes": None, "path": "1.png"}], "label": ["sad"]}), root / "b.parquet")
    assert list(read(root / "b.parquet").labels.values()) == ["sad"]


def test_an_image_folder_of_hugging_face(read, make_pictures):
    root = make_pictures("train/1.png", "train/2.png", "test/1.png")
    (root / "train" / "metadata.jsonl").write_text(
        '{"file_name": "1.png", "label": "fear"}\n{"file_name": "2.png", "label": "anger"}\n'
    )
    (root / "test" / "metadata.csv").write_text("file_name,label\n1.png,joy\n")
    got = read(root)
    assert got.labels == {"train/1.png": "fear", "train/2.png": "angry", "test/1.png": "happy"}
    assert got.splits["test/1.png"] == "private-test"


def test_class_folders_win_over_a_table_beside_them(read, make_pictures):
    """They did before tables were read, and some tables beside folders hold other labels."""
    root = make_pictures("happy/1.png", "sad/2.png")
    (root / "labels.csv").write_text("pth,label\nhappy/1.png,sad\nsad/2.png,happy\n")
    got = read(root)
    assert got.labels["happy/1.png"] == "happy"
    assert "labels.csv" in got.said
    assert read(root / "labels.csv").labels["happy/1.png"] == "sad"
