"""Replay: a finished table, read again with baselines that are taken from its own rows.

The raw columns hold the model's answer to each picture, so that neither the model nor the pictures are needed.
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
    """Whether a model was taught "neutral", and the raw columns hold its main answer: they lack one label of eight."""
    return next(iter(card.outputs)) == FER7.name and "neutral" in card.taught(FER7.name)


def baseline_about(moments_s: Sequence[float], rows: Iterable[Row], card: Card | None = None) -> Baseline | None:
    """The baseline of a person from the three seconds around each moment; None where no row of the person lies in them.

    Args:
        moments_s: Moments at which the person is at rest, in seconds, on the clock of the rows.
        rows: The rows of one person, with the columns `table.RAW_COLUMNS`.
        card: Card of the model that gave the answers; without one, all its labels count as taught.
    """
    near = (row for row in rows if any(abs(row["time_s"] - moment_s) <= BASELINE_S / 2 for moment_s in moments_s))
    at_rest = [answers for answers in map(_raw, near) if not answers[FER7.name].blank]
    return Baseline.of(at_rest, card) if at_rest else None


def read_again(
    rows: Iterable[Row], baselines: Mapping[int, Baseline], smoothing_s: float, unsure_below: float
) -> list[Row]:
    """The rows with the baselines of some faces taken off and smoothed as in a stream; those of other faces unchanged.

    The raw columns remain the model's plain answers, and `contempt`, which they lack, keeps its value.

    Args:
        rows: Rows in the order of time, with the columns `table.RAW_COLUMNS`.
        baselines: Baselines by face number.
        smoothing_s: Time constant in seconds, 0 for no smoothing.
        unsure_below: The confidence below which the model is unsure, as its card has it.
    """
    smoother, again = Smoother(), []
    for row in rows:
        if baseline := baselines.get(row["face"]):
            corrected = baseline.correct(_raw(row, unsure_below))
            row = row | answer_values(smoother.update(row["face"], row["time_s"], corrected, smoothing_s))
        again.append(row)
    return again


def told_in(row: Row) -> str:
    """What a row says of its face, in words: "happy, 97%", or "unsure (perhaps sad, 42%)"."""
    values = {label: row[label] for label in FER7.labels} | ({"contempt": row["contempt"]} if "contempt" in row else {})
    named = row["label"]
    if row["unsure"]:  # of the label that the confidence belongs to, which in a stream need not be the likeliest
        named = min(values, key=lambda label: abs(values[label] - row["confidence"]))
    values[named] = row["confidence"]  # that of the main label set, whose probabilities not every table holds
    return Answer(values, unsure_below=2.0 if row["unsure"] else 0.0, held=named).words


def _raw(row: Row, unsure_below: float = 0.0) -> dict[str, Answer]:
    return {FER7.name: Answer({label: row[f"raw_{label}"] for label in FER7.labels}, unsure_below)}
