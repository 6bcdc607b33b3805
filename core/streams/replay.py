"""A finished table, read again as changes from faces that its own rows show at rest.

The raw columns hold what the model said of each picture, so that neither the model nor the pictures are needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..cards import Card
from ..corrections import BASELINE_S, Baseline
from ..labels import FER7
from ..output.table import Row, answer_values
from ..readings import Answer
from .smoothing import Smoother


def takes_baselines(card: Card) -> bool:
    """Whether the raw columns hold a model's whole main answer: that of eight labels lacks one there."""
    return next(iter(card.outputs)) == FER7.name


def baseline_about(moments_s: Sequence[float], rows: Iterable[Row]) -> Baseline | None:
    """What a person looks like in the three seconds about each moment; None where the person is not seen in them.

    Args:
        moments_s: In seconds, on the clock of the rows.
        rows: The person's, with the columns `rows.RAW_COLUMNS`.
    """
    near = (row for row in rows if any(abs(row["time_s"] - moment_s) <= BASELINE_S / 2 for moment_s in moments_s))
    looks = [look for look in (_raw(row) for row in near) if not look[FER7.name].blank]
    return Baseline.of(looks) if looks else None


def read_again(
    rows: Iterable[Row], baselines: Mapping[int, Baseline], smoothing_s: float, unsure_below: float
) -> list[Row]:
    """The rows with some faces' baselines taken off and smoothed as a stream is; other faces' rows stay as they are.

    The raw columns remain the model's plain answers, and `contempt`, which they lack, what it was.

    Args:
        rows: In the order of time, with the columns `rows.RAW_COLUMNS`.
        baselines: By face number.
        smoothing_s: Time constant in seconds, 0 for none.
        unsure_below: The model's own bar.
    """
    smoother, again = Smoother(), []
    for row in rows:
        if baseline := baselines.get(row["face"]):
            corrected = baseline.correct(_raw(row, unsure_below))
            row = row | answer_values(smoother.update(row["face"], row["time_s"], corrected, smoothing_s))
        again.append(row)
    return again


def _raw(row: Row, unsure_below: float = 0.0) -> dict[str, Answer]:
    return {FER7.name: Answer({label: row[f"raw_{label}"] for label in FER7.labels}, unsure_below)}
