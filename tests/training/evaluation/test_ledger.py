import csv
from types import SimpleNamespace

import pytest

from training.errors import TrainingError
from training.evaluation.ledger import find, record, require_line

REPORT = SimpleNamespace(split="private-test", n=3589, accuracy=0.66789, accuracy_without_copies=0.65)


def card(sha256="abc"):
    return SimpleNamespace(name="m", recipe="quick", files={"model.tflite": {"sha256": sha256}})


def test_each_artifact_has_one_line_for_each_dataset(tmp_path):
    ledger = tmp_path / "docs" / "ledger.csv"
    assert record(card(), REPORT, "d1", ledger)
    assert not record(card(), REPORT, "d1", ledger)
    assert record(card("def"), REPORT, "d1", ledger)
    assert record(card(), REPORT, "d2", ledger)
    with ledger.open() as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["artifact"], row["dataset"]) for row in rows] == [("abc", "d1"), ("def", "d1"), ("abc", "d2")]
    assert rows[0]["accuracy"] == "0.66789"
    assert find(card(), "d1", "private-test", ledger) == rows[0]


def test_nobody_looks_at_private_test_in_passing(tmp_path):
    ledger = tmp_path / "ledger.csv"
    require_line(card(), "d", "public-test", ledger)
    with pytest.raises(TrainingError, match="--final"):
        require_line(card(), "d", "private-test", ledger)
    record(card(), REPORT, "d", ledger)
    require_line(card(), "d", "private-test", ledger)
    with pytest.raises(TrainingError, match="no line"):
        require_line(card("another"), "d", "private-test", ledger)
