import json
import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from core.cards import Card, Output
from core.labels import FER7
from core.output import sinks
from core.output.provenance import Provenance, beside, version
from core.output.sinks import merge, open_sink
from core.output.table import COLUMNS, encode, frame_rows, picture_record

CARD = Card(
    name="fine",
    recipe="quick",
    summary="",
    feature={"name": "pixels", "version": 1},
    outputs={"fer7": Output(FER7.labels, "labels")},
    known_answer={},
    files={"model.tflite": {"sha256": "ab" * 32, "bytes": 3}},
)


@pytest.fixture
def made_by():
    return Provenance.of(CARD, "quick", smoothing_s=0.4, baseline="of rest ünd.jpg")


def told_in(path):
    """What a file, or the one beside it, says of what made it."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).attrs["mien"]
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            assert 'name="mien"' in archive.read("xl/workbook.xml").decode()
            return archive.read("xl/worksheets/sheet2.xml").decode()
    return json.loads(beside(path).read_text())


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_every_kind_of_file_says_what_made_it(kind, tmp_path, made_by, stream, read_table):
    path = tmp_path / f"faces.{kind}"
    with open_sink(path, made_by=made_by) as sink:
        for each in stream(3):
            sink.write(each)
    assert len(read_table(path)) == 6
    told = told_in(path)
    if kind == "xlsx":
        assert all(text in told for text in ("model_sha256", "ab" * 32, "of rest ünd.jpg", "quick", version()))
    else:
        assert told == made_by.facts()
    (tmp_path / f"again.{kind}").write_bytes(
        encode([row for each in stream(3) for row in frame_rows(each)], COLUMNS, kind, made_by)
    )
    pd.testing.assert_frame_equal(read_table(tmp_path / f"again.{kind}"), read_table(path), check_dtype=False)
    if kind in ("parquet", "xlsx"):
        assert told_in(tmp_path / f"again.{kind}") == told


def test_a_file_that_is_replaced_takes_what_was_said_of_it_along(tmp_path, made_by, stream):
    path = tmp_path / "faces.csv"
    with open_sink(path, made_by=made_by):
        pass
    with open_sink(path) as sink:
        sink.write(next(stream(1)))
    assert [each.name for each in tmp_path.iterdir()] == ["faces.csv"]


def test_a_recovered_workbook_still_knows_what_made_it(tmp_path, made_by, stream, monkeypatch):
    path = tmp_path / "faces.xlsx"
    with monkeypatch.context() as patch:
        patch.setattr(sinks, "merge", lambda path: None)  # as if it were killed just before
        with open_sink(path, made_by=made_by) as sink:
            sink.write(next(stream(1)))
    merge(path)
    assert "ab" * 32 in told_in(path)


def test_it_is_a_line_and_plain_json(made_by, frame):
    assert "fine" in str(made_by)
    assert "ab" * 6 in str(made_by)
    record = json.loads(json.dumps(picture_record("a.jpg", frame(1), made_by)))
    assert record["made_by"] == made_by.facts()
    assert (made_by.prior, Provenance.of(CARD, "crop", flat_prior=True).prior) == ("as in training", "all equal")
    assert pd.Timestamp(made_by.made).tzinfo is not None


def test_changes_on_the_way_are_kept_with_their_times(made_by):
    again = replace(made_by, made="later")
    assert made_by.then(again, 1.0) is made_by
    changed = made_by.then(replace(again, smoothing_s=2.0), 1.0).then(replace(again, smoothing_s=2.0), 1.1)
    assert changed.changes == ({"time_s": 1.0, "smoothing_s": 2.0},)
    back = changed.then(made_by, 3.0)
    assert back.changes[1:] == ({"time_s": 3.0, "smoothing_s": 0.4},)
    assert back.smoothing_s == 0.4
