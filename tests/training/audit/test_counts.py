import json

import pyarrow.parquet as pq

from training.audit.statistics import blank, class_counts
from training.datasets.index import Rows


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
