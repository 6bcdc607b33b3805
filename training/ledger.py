"""The ledger: every look at PrivateTest, once for each artifact, in a committed file."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from core.cards import Card
from training.report import Report

LEDGER = Path("docs/ledger.csv")
_COLUMNS = ("date", "model", "recipe", "artifact", "split", "n", "accuracy", "accuracy_without_copies")


def record(card: Card, report: Report, ledger: Path = LEDGER) -> bool:
    """Append one line for a model's final figure; False where this very artifact has its line already."""
    artifact = next(iter(card.files.values()))["sha256"]
    if ledger.exists():
        with open(ledger, newline="") as lines:
            if any(row["artifact"] == artifact and row["split"] == report.split for row in csv.DictReader(lines)):
                return False
    ledger.parent.mkdir(parents=True, exist_ok=True)
    is_new = not ledger.exists()
    with open(ledger, "a", newline="") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(
            {
                "date": datetime.now(UTC).date().isoformat(),
                "model": card.name,
                "recipe": card.recipe,
                "artifact": artifact,
                "split": report.split,
                "n": report.n,
                "accuracy": f"{report.accuracy:.5f}",
                "accuracy_without_copies": f"{report.accuracy_without_copies:.5f}",
            }
        )
    return True
