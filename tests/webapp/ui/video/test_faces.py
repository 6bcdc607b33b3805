import numpy as np
import pandas as pd

from webapp.ui.video import faces


def test_names_that_clash_are_told_apart():
    table = pd.DataFrame(
        [(face, frame, frame / 10) for face, frames in ((1, (0, 1)), (2, (1, 2)), (3, (9,))) for frame in frames],
        columns=["face", "frame", "time_s"],
    )
    names, clashes = faces.without_clashes(table, {1: "Ann", 2: "Ann", 3: "Ann"})
    assert names == {1: "Ann", 2: "Ann (2)", 3: "Ann"}
    assert len(clashes) == 1
    assert "0.1 s" in clashes[0]


def test_names_are_numbers_only_where_they_are_written_as_such():
    table = pd.DataFrame({"face": [1, 2]})
    named = faces.renamed(table, {1: "7", 2: "2"})["face"]
    assert named.tolist() == [7, 2]
    assert named.dtype == np.int64
    assert faces.renamed(table, {1: "1", 2: "01"})["face"].tolist() == ["1", "01"]
