"""How far a training is and how long it will go on, from the files of its run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from training.runs.folder import CURVES, PLAN, read_history


@dataclass(frozen=True)
class Outlook:
    """How far a training is.

    Attributes:
        rows: The curves: loss, val_loss, val_accuracy, seconds; a row for each epoch that is over.
        epochs: How many there are to be; None before the run has begun, and where there are none.
        seconds_left: At most, or None before the first epoch is over.
    """

    rows: tuple[Mapping[str, float], ...]
    epochs: int | None
    seconds_left: float | None


def outlook(run: Path, since: datetime) -> Outlook:
    """Of a run that is gone on with since then."""
    rows = tuple({name: float(text) for name, text in row.items() if text} for row in read_history(run))
    try:
        epochs = json.loads((run / PLAN).read_text(encoding="utf-8"))["settings"].get("epochs")
    except FileNotFoundError:
        epochs = None
    if not rows or epochs is None:
        return Outlook(rows, epochs, None)
    whole = datetime.fromtimestamp((run / CURVES).stat().st_mtime, UTC)  # when the last epoch was over
    gone = max(0.0, (datetime.now(UTC) - max(whole, since)).total_seconds())  # the clock may have been set back
    return Outlook(rows, epochs, max(0.0, (epochs - len(rows)) * rows[-1]["seconds"] - gone))
