import json

import numpy as np
import pandas as pd

from core.labels import FER7
from webapp.charts import dataset


def drawn(figure):
    return json.loads(figure.to_json())


def test_classes_are_stacked_by_split():
    counts = pd.DataFrame([[5, 2], [1, 0]], index=["training", "public-test"], columns=["happy", "sad"])
    figure = drawn(dataset.class_bars(counts))
    assert [trace["name"] for trace in figure["data"]] == ["training", "public-test"]
    assert figure["layout"]["barmode"] == "stack"
    assert figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"


def test_boxes_are_the_quantiles():
    quantiles = pd.DataFrame([[1, 2, 3, 4, 5]], index=["happy"], columns=[0.05, 0.25, 0.5, 0.75, 0.95])
    (box,) = dataset.spread(quantiles, "grey").data
    assert [box.lowerfence[0], box.q1[0], box.median[0], box.q3[0], box.upperfence[0]] == [1, 2, 3, 4, 5]


def test_dots_are_shares_by_split():
    table = pd.DataFrame(
        {"split": ["training", "public-test"], "label": "sad", "images": 10, "found": [9, 8], "share": [0.9, 0.8]}
    )
    figure = dataset.coverage_dots(table)
    assert {trace.name: list(trace.x) for trace in figure.data} == {"training": [0.9], "public-test": [0.8]}


def test_a_point_knows_its_row():
    points = np.arange(6).reshape(3, 2)
    figure = dataset.scatter(points, ["sad", "happy", "sad"], [7, 8, 9])
    assert {trace.name: list(trace.customdata) for trace in figure.data} == {"happy": [8], "sad": [7, 9]}
    assert {trace.marker.color for trace in figure.data} == {FER7.colours["happy"], FER7.colours["sad"]}
