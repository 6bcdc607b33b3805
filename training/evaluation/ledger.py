"""The ledger: a committed file with one line for each model that was measured on private-test."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from core.cards import Card
from training.errors import TrainingError
from training.evaluation.report import Report

LEDGER = Path("docs/ledger.csv")
_COLUMNS = ("date", "model", "recipe", "artifact", "dataset", "split", "n", "accuracy", "accuracy_without_copies")


def artifact_hash(card: Card) -> str:
    """The sha256 of a model's main file, by which the ledger identifies the model."""
    return next(iter(card.files.values()))["sha256"]


def find(card: Card, dataset: str, split: str, ledger: Path | None = None) -> dict[str, str] | None:
    """Find the line of a model file on a split of a dataset (given by its hash); None if there is none."""
    ledger = ledger or LEDGER
    if not ledger.exists():
        return None
    key = {"artifact": artifact_hash(card), "dataset": dataset, "split": split}
    with open(ledger, newline="", encoding="utf-8") as lines:
        return next((row for row in csv.DictReader(lines) if key.items() <= row.items()), None)


def require_line(card: Card, dataset: str, split: str, ledger: Path | None = None) -> None:
    """Check that a split may be evaluated: private-test only once the model has its line in the ledger.

    Raises:
        TrainingError: The split is private-test, and the ledger has no line of this model file on it.
    """
    if split == "private-test" and find(card, dataset, split, ledger) is None:
        raise TrainingError(
            f"private-test is measured once for each model, at the end, and {card.name!r} has no line in "
            f"{ledger or LEDGER}; choose with --split public-test, then give `evaluate {card.name}` the flag --final"
        )


def record(card: Card, report: Report, dataset: str, ledger: Path | None = None) -> bool:
    """Append the line of a model's final figure; False if this model file has its line already."""
    ledger = ledger or LEDGER
    if find(card, dataset, report.split, ledger) is not None:
        return False
    ledger.parent.mkdir(parents=True, exist_ok=True)
    is_new = not ledger.exists()
    with open(ledger, "a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(
            {
                "date": datetime.now(UTC).date().isoformat(),
                "model": card.name,
                "recipe": card.recipe,
                "artifact": artifact_hash(card),
                "dataset": dataset,
                "split": report.split,
                "n": report.n,
                "accuracy": f"{report.accuracy:.5f}",
                "accuracy_without_copies": f"{report.accuracy_without_copies:.5f}",
            }
        )
    return True
