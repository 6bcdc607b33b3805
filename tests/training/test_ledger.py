import csv
from types import SimpleNamespace

from training.ledger import record


def test_each_artifact_has_one_line_for_each_split(tmp_path):
    ledger = tmp_path / "docs" / "ledger.csv"
    card = SimpleNamespace(name="m", recipe="quick", files={"model.tflite": {"sha256": "abc"}})
    other = SimpleNamespace(name="m", recipe="quick", files={"model.tflite": {"sha256": "def"}})
    report = SimpleNamespace(split="private-test", n=3589, accuracy=0.66789, accuracy_without_copies=0.65)
    assert record(card, report, ledger)
    assert not record(card, report, ledger)
    assert record(other, report, ledger)
    with ledger.open() as lines:
        rows = list(csv.DictReader(lines))
    assert [row["artifact"] for row in rows] == ["abc", "def"]
    assert rows[0]["accuracy"] == "0.66789"
